package io.dil.train.eval.math;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/**
 * An exact fraction in lowest terms.
 *
 * @param top its numerator
 * @param bottom its denominator, positive
 */
record Rational(BigInteger top, BigInteger bottom) {
  /** An answer of more bits is nobody's answer; without a bound 9^9^9 would fill the memory. */
  private static final int LARGEST_BITS = 100_000;

  private static final int LARGEST_POWER = 4096;

  static Rational of(BigInteger top, BigInteger bottom) {
    if (bottom.signum() == 0) {
      throw new ArithmeticException("denominator must not be 0");
    }
    if (top.bitLength() > LARGEST_BITS || bottom.bitLength() > LARGEST_BITS) {
      throw new ArithmeticException("number must have at most " + LARGEST_BITS + " bits");
    }
    BigInteger common = top.gcd(bottom);
    BigInteger sign = BigInteger.valueOf(bottom.signum());
    BigInteger divisor = common.signum() == 0 ? BigInteger.ONE : common.multiply(sign);
    return new Rational(top.divide(divisor), bottom.divide(divisor));
  }

  /** Reads a decimal number, every digit of which counts. */
  static Rational of(String decimal) {
    BigDecimal value = new BigDecimal(decimal);
    return of(value.unscaledValue(), BigInteger.TEN.pow(Math.max(0, value.scale())));
  }

  static Rational of(long value) {
    return of(BigInteger.valueOf(value), BigInteger.ONE);
  }

  boolean isWhole() {
    return bottom.equals(BigInteger.ONE);
  }

  Rational plus(Rational other) {
    return of(
        top.multiply(other.bottom).add(other.top.multiply(bottom)), bottom.multiply(other.bottom));
  }

  Rational times(Rational other) {
    return of(top.multiply(other.top), bottom.multiply(other.bottom));
  }

  Rational over(Rational other) {
    return of(top.multiply(other.bottom), bottom.multiply(other.top));
  }

  /** Returns this to a power where that is a fraction again. */
  Optional<Rational> power(Rational exponent) {
    if (exponent.bottom.bitLength() > 31 || exponent.top.bitLength() > 31) {
      return Optional.empty();
    }
    int root = exponent.bottom.intValueExact();
    int power = exponent.top.intValueExact();
    Optional<Rational> base = root == 1 ? Optional.of(this) : root(root);
    if (base.isEmpty() || Math.abs(power) > LARGEST_POWER) {
      return Optional.empty();
    }
    Rational from = base.get();
    long bits = (long) Math.abs(power) * Math.max(from.top.bitLength(), from.bottom.bitLength());
    if (bits > LARGEST_BITS) {
      return Optional.empty();
    }
    BigInteger top = from.top.pow(Math.abs(power));
    BigInteger bottom = from.bottom.pow(Math.abs(power));
    return Optional.of(power < 0 ? of(bottom, top) : of(top, bottom));
  }

  private Optional<Rational> root(int degree) {
    if (top.signum() < 0) {
      return Optional.empty();
    }
    Optional<BigInteger> high = root(top, degree);
    Optional<BigInteger> low = root(bottom, degree);
    return high.isPresent() && low.isPresent()
        ? Optional.of(of(high.get(), low.get()))
        : Optional.empty();
  }

  private static Optional<BigInteger> root(BigInteger of, int degree) {
    if (degree > of.bitLength() + 1) {
      return of.bitLength() <= 1 ? Optional.of(of) : Optional.empty();
    }
    BigInteger low = BigInteger.ZERO;
    BigInteger high = BigInteger.ONE.shiftLeft(of.bitLength() / degree + 1);
    while (low.compareTo(high) < 0) {
      BigInteger middle = low.add(high).add(BigInteger.ONE).shiftRight(1);
      if (middle.pow(degree).compareTo(of) <= 0) {
        low = middle;
      } else {
        high = middle.subtract(BigInteger.ONE);
      }
    }
    return low.pow(degree).equals(of) ? Optional.of(low) : Optional.empty();
  }

  double toDouble() {
    return new BigDecimal(top)
        .divide(new BigDecimal(bottom), java.math.MathContext.DECIMAL64)
        .doubleValue();
  }
}
