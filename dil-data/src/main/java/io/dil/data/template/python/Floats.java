package io.dil.data.template.python;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How Python writes and reads floats: always the digits of the exact value, rounded half to even.
 */
public final class Floats {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+(_\\d+)*)?\\.?(\\d+(_\\d+)*)?([eE][+-]?\\d+(_\\d+)*)?");

  /** No double has more digits than this, before or after the point. */
  private static final int MOST_DIGITS = 1100;

  private Floats() {}

  /** The shortest decimal that reads back as the number: its digits, and 10 to the first one. */
  private record Shortest(String digits, int exponent) {}

  /** Returns {@code repr(number)}. */
  public static String repr(double number) {
    if (!Double.isFinite(number)) {
      return special(number);
    }
    if (number == 0) {
      return sign(number) + "0.0";
    }
    Shortest found = shortest(Math.abs(number));
    if (found.exponent < -4 || found.exponent >= 16) {
      return sign(number) + scientific(found.digits, found.exponent, 'e');
    }
    String plain = point(found.digits, found.exponent);
    return sign(number) + (plain.contains(".") ? plain : plain + ".0");
  }

  static String special(double number) {
    return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
  }

  static String sign(double number) {
    return number < 0 || (number == 0 && 1 / number < 0) ? "-" : "";
  }

  private static Shortest shortest(double number) {
    // Java's own text may have more digits than are needed, but 15 of them are never too many.
    Shortest quick = digits(new BigDecimal(Double.toString(number)));
    if (number >= Double.MIN_NORMAL && quick.digits.length() <= 15) {
      return quick;
    }
    BigDecimal exact = new BigDecimal(number);
    for (int precision = number >= Double.MIN_NORMAL ? 15 : 1; precision <= 17; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == number) {
        return digits(rounded);
      }
    }
    throw new IllegalStateException("17 digits must tell a double, got " + number);
  }

  private static Shortest digits(BigDecimal number) {
    BigDecimal bare = number.stripTrailingZeros();
    String digits = bare.unscaledValue().toString();
    return new Shortest(digits, digits.length() - 1 - bare.scale());
  }

  private static String scientific(String digits, int exponent, char mark) {
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return digits.charAt(0) + fraction + exponent(exponent, mark);
  }

  private static String exponent(int exponent, char mark) {
    String size = Integer.toString(Math.abs(exponent));
    return mark + (exponent < 0 ? "-" : "+") + (size.length() < 2 ? "0" + size : size);
  }

  private static String point(String digits, int exponent) {
    if (exponent < 0) {
      return "0." + "0".repeat(-exponent - 1) + digits;
    }
    if (digits.length() <= exponent + 1) {
      return digits + "0".repeat(exponent + 1 - digits.length());
    }
    return digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
  }

  /** Writes a size, without its sign, as {@code %f} does. */
  static String fixed(double size, int precision) {
    int exact = Math.min(precision, MOST_DIGITS);
    return new BigDecimal(size).setScale(exact, RoundingMode.HALF_EVEN).toPlainString()
        + "0".repeat(precision - exact);
  }

  /** Writes a size as {@code %e} does. */
  static String scientific(double size, int precision) {
    if (size == 0) {
      return "0" + (precision > 0 ? "." + "0".repeat(precision) : "") + "e+00";
    }
    MathContext context =
        new MathContext(Math.min(precision, MOST_DIGITS) + 1, RoundingMode.HALF_EVEN);
    BigDecimal rounded = new BigDecimal(size).round(context);
    String digits = rounded.unscaledValue().toString();
    int exponent = digits.length() - 1 - rounded.scale();
    if (digits.length() > precision + 1) {
      digits = digits.substring(0, precision + 1);
    }
    digits = digits + "0".repeat(precision + 1 - digits.length());
    return scientific(digits, exponent, 'e');
  }

  /**
   * Writes a size as {@code %g} does.
   *
   * @param zeros whether zeros at the end stay, as {@code #} asks
   * @param always whether a whole number gets {@code .0}, as a format without a type does
   */
  static String general(double size, int precision, boolean zeros, boolean always) {
    int digits = Math.max(1, precision);
    String science = scientific(size, digits - 1);
    int mark = science.indexOf('e');
    int exponent = Integer.parseInt(science.substring(mark + 1));
    boolean plain = exponent >= -4 && exponent < (always ? Math.min(digits, 16) : digits);
    String body =
        plain ? fixed(size, Math.max(0, digits - 1 - exponent)) : science.substring(0, mark);
    if (!zeros && body.contains(".")) {
      body = body.replaceAll("\\.?0+$", "");
    }
    if (always && plain && !body.contains(".")) {
      body += ".0";
    }
    return plain ? body : body + science.substring(mark);
  }

  /** Reads a float as {@code float(text)} does, or returns null. */
  public static @Nullable Double parse(String text) {
    String body = Numbers.strip(text);
    String bare = body.toLowerCase(Locale.ROOT);
    switch (bare) {
      case "inf", "+inf", "infinity", "+infinity" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-inf", "-infinity" -> {
        return Double.NEGATIVE_INFINITY;
      }
      case "nan", "+nan", "-nan" -> {
        return Double.NaN;
      }
      default -> {
        // A number or nothing.
      }
    }
    if (body.length() > 4000 || !DECIMAL.matcher(body).matches()) {
      return null;
    }
    try {
      return Double.parseDouble(body.replace("_", ""));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Returns {@code round(number, places)}. */
  public static double round(double number, long places) {
    if (!Double.isFinite(number) || places > 400) {
      return number;
    }
    if (places < -400) {
      return Math.copySign(0, number);
    }
    double rounded =
        new BigDecimal(number).setScale((int) places, RoundingMode.HALF_EVEN).doubleValue();
    return Math.copySign(rounded, number);
  }
}
