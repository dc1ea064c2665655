package io.dil.train.report;

import java.math.BigDecimal;
import java.math.MathContext;

/** Writes numbers for people. */
final class Numbers {

  /** What stands where there is no number. */
  private static final String NONE = "\u2013";

  private Numbers() {}

  /**
   * Returns at most four significant digits, with an exponent only for the very small and large.
   */
  static String brief(double value) {
    return rounded(value, 4);
  }

  /** Returns {@code brief}, with a plus before what is positive. */
  static String signed(double value) {
    String text = brief(value);
    return value > 0 && !text.equals("0") ? "+" + text : text;
  }

  /** Returns a share as a percentage without decimals, its sign kept on the same line. */
  static String percent(double share) {
    return Double.isFinite(share) ? Math.round(100 * share) + "\u00a0%" : rounded(share, 1);
  }

  /**
   * Returns {@code value} with the given number of significant digits: a dash where there is no
   * number, the name of an infinite one.
   */
  static String rounded(double value, int digits) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? NONE : String.valueOf(value);
    }
    BigDecimal decimal = new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    return size >= 1e-4 && size < 1e9 ? decimal.toPlainString() : decimal.toString();
  }
}
