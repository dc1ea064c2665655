package io.dil.data.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Whole numbers of any size, within reason, and how they meet fractions. */
public final class Numbers {
  /** Python computes on; nothing that a template writes comes near. */
  private static final int MOST_BITS = 1 << 17;

  /** Python itself refuses to write more digits than this (CVE-2020-10735). */
  private static final int MOST_DIGITS = 4300;

  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  private Numbers() {}

  /** Returns a whole number in its one form. */
  public static Object of(BigInteger number) {
    if (number.compareTo(LEAST) >= 0 && number.compareTo(MOST) <= 0) {
      return number.longValue();
    }
    if (number.bitLength() > MOST_BITS) {
      throw RenderError.limit("a whole number must have at most " + MOST_BITS + " bits, got more");
    }
    return number;
  }

  /** Returns whether it is an int, a bool included. */
  public static boolean isInt(Object value) {
    return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
  }

  /** Returns whether it is an int, a bool or a float. */
  public static boolean isNumber(Object value) {
    return isInt(value) || value instanceof Double;
  }

  /** Returns a bool as the int that it is, and any other number as it stands. */
  static Object plain(Object number) {
    return number instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : number;
  }

  /** Returns an int of any size. */
  public static BigInteger big(Object number) {
    Object plain = plain(number);
    return plain instanceof Long small ? BigInteger.valueOf(small) : (BigInteger) plain;
  }

  /** Returns a number as a float. */
  public static double real(Object number) {
    Object plain = plain(number);
    if (plain instanceof Long small) {
      return small;
    }
    if (plain instanceof BigInteger big) {
      double real = big.doubleValue();
      if (Double.isInfinite(real)) {
        throw RenderError.value("int too large to convert to float");
      }
      return real;
    }
    return (Double) plain;
  }

  /** Returns an int that must fit, for counts and widths. */
  public static long index(@Nullable Object value, String what) {
    if (value instanceof BigInteger) {
      throw RenderError.value(what + " must fit 64 bits, got more");
    }
    return bound(value, what);
  }

  /** Returns an int for a place, where what does not fit counts as the last place there is. */
  public static long bound(@Nullable Object value, String what) {
    if (value != null && isInt(value)) {
      Object plain = plain(value);
      if (plain instanceof Long small) {
        return small;
      }
      return ((BigInteger) plain).signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    throw RenderError.type(
        what + " must be an int, got " + (value == null ? "nothing" : Types.name(value)));
  }

  /** Compares two numbers; neither is NaN. */
  static int compare(Object a, Object b) {
    Object x = plain(a);
    Object y = plain(b);
    if (x instanceof Long small && y instanceof Long other) {
      return Long.compare(small, other);
    }
    if (x instanceof Double real && y instanceof Double other) {
      return real < other ? -1 : real > other ? 1 : 0;
    }
    if (x instanceof Double real && real.isInfinite()) {
      return real > 0 ? 1 : -1;
    }
    if (y instanceof Double real && real.isInfinite()) {
      return real > 0 ? -1 : 1;
    }
    return exact(x).compareTo(exact(y));
  }

  static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(big(number));
  }

  /** Writes an int. */
  public static String shown(Object number) {
    if (number instanceof BigInteger big) {
      // 2^14284 has 4300 digits.
      if (big.bitLength() > 14_284) {
        throw RenderError.value(
            "exceeds the limit (" + MOST_DIGITS + " digits) for integer string conversion");
      }
      return big.toString();
    }
    return plain(number).toString();
  }

  /** Reads an int as {@code int(text, base)} does, or returns null. */
  public static @Nullable Object parse(String text, int base) {
    String body = strip(text);
    int sign = 1;
    if (body.startsWith("-") || body.startsWith("+")) {
      sign = body.charAt(0) == '-' ? -1 : 1;
      body = body.substring(1);
    }
    int radix = base;
    String low = body.length() > 1 && body.charAt(0) == '0' ? body.substring(0, 2) : "";
    int named =
        switch (low) {
          case "0x", "0X" -> 16;
          case "0o", "0O" -> 8;
          case "0b", "0B" -> 2;
          default -> 0;
        };
    if (named != 0 && (base == named || base == 0)) {
      radix = named;
      body = body.substring(2);
      body = body.startsWith("_") ? body.substring(1) : body;
    } else if (base == 0) {
      radix = 10;
      if (body.matches("0[0-9_]*[1-9].*")) {
        return null;
      }
    }
    if (body.isEmpty()
        || body.startsWith("_")
        || body.endsWith("_")
        || body.contains("__")
        || body.startsWith("-")
        || body.startsWith("+")) {
      return null;
    }
    String digits = body.replace("_", "");
    if (digits.length() > MOST_DIGITS && radix != 2 && radix != 8 && radix != 16) {
      return null;
    }
    try {
      BigInteger number = new BigInteger(digits, radix);
      return of(sign < 0 ? number.negate() : number);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && Text.isSpace(text.charAt(from))) {
      from++;
    }
    while (to > from && Text.isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }
}
