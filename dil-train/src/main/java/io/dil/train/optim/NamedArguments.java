package io.dil.train.optim;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads arguments that a configuration gives by name, as numbers or text. */
final class NamedArguments {
  private NamedArguments() {}

  /**
   * Checks that a type takes every name.
   *
   * @throws IllegalArgumentException if it does not; the message lists those that it takes
   */
  static void checkNames(Enum<?> type, Set<String> taken, Set<String> given) {
    for (String name : new TreeSet<>(given)) {
      if (!taken.contains(name)) {
        throw new IllegalArgumentException(
            "names of "
                + new TreeSet<>(taken)
                + ", which "
                + type.name().toLowerCase(Locale.ROOT)
                + " takes, got "
                + name);
      }
    }
  }

  /**
   * Returns a number, or what it is where none is given.
   *
   * @throws IllegalArgumentException if the value is no number
   */
  static double number(Map<String, Object> given, String name, double otherwise) {
    Object value = given.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(value.toString());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " a number, got " + value, e);
    }
  }
}
