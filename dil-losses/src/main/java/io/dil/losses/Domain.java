package io.dil.losses;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The values that a loss's parameter may take: an interval of numbers, perhaps with {@code none},
 * or a list of names.
 */
public final class Domain {
  /** The value of an optional number that is switched off. */
  static final String NONE = "none";

  private final double low;
  private final boolean lowAllowed;
  private final double high;
  private final boolean highAllowed;
  private final boolean noneAllowed;
  private final List<String> names;

  private Domain(
      double low,
      boolean lowAllowed,
      double high,
      boolean highAllowed,
      boolean noneAllowed,
      List<String> names) {
    this.low = low;
    this.lowAllowed = lowAllowed;
    this.high = high;
    this.highAllowed = highAllowed;
    this.noneAllowed = noneAllowed;
    this.names = names;
  }

  /** Returns the finite numbers greater than {@code low}. */
  public static Domain above(double low) {
    return new Domain(low, false, Double.POSITIVE_INFINITY, false, false, List.of());
  }

  /** Returns the finite numbers not less than {@code low}. */
  public static Domain atLeast(double low) {
    return new Domain(low, true, Double.POSITIVE_INFINITY, false, false, List.of());
  }

  /** Returns the numbers strictly between {@code low} and {@code high}. */
  public static Domain between(double low, double high) {
    return new Domain(low, false, high, false, false, List.of());
  }

  /** Returns the numbers greater than {@code low} and not greater than {@code high}. */
  public static Domain upTo(double low, double high) {
    return new Domain(low, false, high, true, false, List.of());
  }

  /** Returns the numbers from {@code low} (allowed) up to {@code high} (not allowed). */
  public static Domain halfOpen(double low, double high) {
    return new Domain(low, true, high, false, false, List.of());
  }

  /** Returns the names of an enum's constants, as their {@code toString} gives them. */
  static <E extends Enum<E>> Domain namesOf(Class<E> type) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(E::toString).toList();
    return new Domain(0, false, 0, false, false, names);
  }

  /** Returns this interval with {@code none} as one more value. */
  Domain orNone() {
    return new Domain(low, lowAllowed, high, highAllowed, true, names);
  }

  /** Returns the allowed names; empty for numbers. */
  public List<String> names() {
    return names;
  }

  /** Returns whether {@code none} is allowed. */
  public boolean allowsNone() {
    return noneAllowed;
  }

  /** Returns whether {@code value} lies in the interval. */
  public boolean contains(double value) {
    return Double.isFinite(value)
        && (value > low || (lowAllowed && value == low))
        && (value < high || (highAllowed && value == high));
  }

  /**
   * Returns the value that {@code given} stands for: a {@link Double}, or a {@link String}.
   *
   * @param subject what is being set, for the message
   * @param given a number, or text as it stands on a command line
   * @throws IllegalArgumentException if it is not in this domain
   */
  Object parse(String subject, Object given) {
    String text = given.toString().trim().toLowerCase(Locale.ROOT);
    if (!names.isEmpty()) {
      String name = text.replace('_', '-');
      if (names.contains(name)) {
        return name;
      }
      throw rejected(subject, given);
    }
    if (noneAllowed && text.equals(NONE)) {
      return NONE;
    }
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException notANumber) {
      throw rejected(subject, given);
    }
    if (!contains(value)) {
      throw rejected(subject, given);
    }
    return value;
  }

  /** Returns {@code value} if it is in this domain. */
  double check(String subject, double value) {
    if (!contains(value)) {
      throw rejected(subject, value);
    }
    return value;
  }

  private IllegalArgumentException rejected(String subject, Object given) {
    return new IllegalArgumentException(subject + " must be " + this + ", got " + given);
  }

  /** Returns the rule in words: {@code > 0}, {@code in [0, 0.5)}, {@code one of mean, sum}. */
  @Override
  public String toString() {
    if (!names.isEmpty()) {
      return "one of " + String.join(", ", names);
    }
    String interval;
    if (high == Double.POSITIVE_INFINITY) {
      interval = (lowAllowed ? ">= " : "> ") + number(low);
    } else {
      interval =
          (lowAllowed ? "in [" : "in (")
              + number(low)
              + ", "
              + number(high)
              + (highAllowed ? "]" : ")");
    }
    return noneAllowed ? interval + " or none" : interval;
  }

  /** Returns a number as a person would write it: {@code 1} rather than {@code 1.0}. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
