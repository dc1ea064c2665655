package io.dil.train.cli;

import io.dil.core.InputException;
import java.util.Arrays;
import java.util.Locale;

/** Reads values that are one of a few names. */
final class Names {
  private Names() {}

  /** Returns the constant of a name, which is written in lower case. */
  static <E extends Enum<E>> E of(String option, Class<E> type, String given) {
    for (E one : type.getEnumConstants()) {
      if (name(one).equals(given)) {
        return one;
      }
    }
    throw new InputException(
        option
            + " must be one of "
            + Arrays.stream(type.getEnumConstants()).map(Names::name).toList()
            + ", got '"
            + given
            + "'");
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
