package io.dil.train.eval.math;

import java.util.Optional;

/**
 * Whether two answers have the same value, in place of sympy's {@code simplify(a - b) == 0}.
 *
 * <p>Fractions are compared exactly. What holds roots, functions or letters is compared at points
 * drawn by a fixed seed in the complex plane: two different expressions agree at all of them with a
 * probability that is nil for practical purposes. No clock has a part in it. What cannot be read is
 * equal to nothing.
 */
public final class MathEquality {
  private static final int POINTS = 6;
  private static final double TOLERANCE = 1e-9;
  private static final int LONGEST = 4000;

  private MathEquality() {}

  /** Returns whether two texts in normal form have the same value. */
  public static boolean equal(String a, String b) {
    if (a.length() > LONGEST || b.length() > LONGEST) {
      return false;
    }
    try {
      return equal(LatexParser.parse(a), LatexParser.parse(b));
    } catch (UnreadableException | ArithmeticException e) {
      return false;
    }
  }

  private static boolean equal(Expression a, Expression b) {
    Optional<Rational> exactA = a.exact();
    Optional<Rational> exactB = b.exact();
    if (exactA.isPresent() && exactB.isPresent()) {
      return exactA.get().equals(exactB.get());
    }
    int compared = 0;
    for (int point = 1; point <= POINTS; point++) {
      Complex left = a.at(point);
      Complex right = b.at(point);
      if (!left.isFinite() || !right.isFinite()) {
        continue;
      }
      compared++;
      double size = Math.max(1, Math.max(left.abs(), right.abs()));
      if (left.minus(right).abs() > TOLERANCE * size) {
        return false;
      }
    }
    return compared > 0;
  }
}
