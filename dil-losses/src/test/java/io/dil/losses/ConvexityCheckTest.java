package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;

/** How far below a tangent rounding may take a function, and no further. */
class ConvexityCheckTest {
  private static final double SLOPE = 1e6;

  /** Two points whose second lies {@code below} under the tangent at the first. */
  private static void check(double below, DataType type) {
    double[] points = {1, 2};
    double[] values = {-SLOPE / 2, SLOPE / 2 - below};
    ConvexityCheck.require(points, values, new double[] {SLOPE, 2 * SLOPE}, type);
  }

  @Test
  void theToleranceIsThatOfAllNumbersInvolved() {
    // |h(a)| + |h(b)| + |h'(b)| (a + b) = 4e6, of which 64 roundings are allowed.
    double allowed = 64 * Math.ulp(1.0) * (1 + SLOPE / 2 + SLOPE / 2 + SLOPE * (1 + 2));
    assertDoesNotThrow(() -> check(0.9 * allowed, DataType.FLOAT64));
    assertThrows(IllegalArgumentException.class, () -> check(1.1 * allowed, DataType.FLOAT64));
    assertDoesNotThrow(() -> check(1.1 * allowed, DataType.FLOAT32));
    assertThrows(IllegalArgumentException.class, () -> check(100, DataType.FLOAT32));
  }

  @Test
  void theMessageGivesBothPointsAndBothHeights() {
    assertEquals(
        "h must lie above its tangents (convex, with h' its derivative),"
            + " got h(2.0) = 499900.0 below the tangent at 1.0, 500000.0",
        assertThrows(IllegalArgumentException.class, () -> check(100, DataType.FLOAT64))
            .getMessage());
  }

  @Test
  void pointsThatOverflowedAreLeftToOthers() {
    double[] points = {1, Double.POSITIVE_INFINITY};
    double[] values = {0, Double.POSITIVE_INFINITY};
    assertDoesNotThrow(
        () -> ConvexityCheck.require(points, values, new double[] {1, 2}, DataType.FLOAT64));
  }
}
