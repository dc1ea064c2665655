package io.dil.data.format;

import io.dil.core.InputException;
import java.util.List;
import java.util.stream.Collectors;

/** The one list of row formats. A new data set is a file in this package and a line here. */
public final class Formats {
  private static final List<RowFormat> ALL = List.of(new Hh(), new Pairs());

  private Formats() {}

  /** Returns every format, in the order in which the documentation lists them. */
  public static List<RowFormat> all() {
    return ALL;
  }

  /**
   * Returns the format of that name.
   *
   * @throws InputException if there is none
   */
  public static RowFormat named(String name) {
    for (RowFormat format : ALL) {
      if (format.name().equals(name)) {
        return format;
      }
    }
    throw new InputException("format must be one of " + names() + ", got " + name);
  }

  /** Returns the names, separated by commas, as errors and help texts show them. */
  public static String names() {
    return ALL.stream().map(RowFormat::name).collect(Collectors.joining(", "));
  }
}
