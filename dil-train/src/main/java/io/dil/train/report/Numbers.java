package io.dil.train.report;

import java.math.BigDecimal;
import java.math.MathContext;

/** Writes numbers for people. */
final class Numbers {

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
    return Double.isFinite(share) ? Math.round(100 * share) + "\u00a0%" : String.valueOf(share);
  }

  /**
   * Returns {@code value} with the given number of significant digits, or its name if not finite.
   */
  static String rounded(double value, int digits) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    BigDecimal decimal = new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    return size >= 1e-4 && size < 1e9 ? decimal.toPlainString() : decimal.toString();
  }
}
