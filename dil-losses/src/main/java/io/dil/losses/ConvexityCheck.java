package io.dil.losses;

import ai.djl.ndarray.types.DataType;

/** Finds two points that prove a function not convex, or a derivative wrong. */
final class ConvexityCheck {
  private ConvexityCheck() {}

  /**
   * Checks h(a) ≥ h(b) + h′(b)(a − b) for all pairs of points, up to rounding.
   *
   * @param points where h was evaluated; ratios that overflowed are left to the check for finite
   *     losses
   * @param values h at the points
   * @param slopes h′ at the points
   * @param precision the type that values and slopes were computed in
   * @throws IllegalArgumentException if the inequality fails; the message gives both points
   */
  static void require(double[] points, double[] values, double[] slopes, DataType precision) {
    double epsilon = precision == DataType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1.0f);
    for (int b = 0; b < points.length; b++) {
      for (int a = 0; a < points.length; a++) {
        double step = slopes[b] * (points[a] - points[b]);
        double gap = values[a] - values[b] - step;
        double magnitude =
            Math.abs(values[a])
                + Math.abs(values[b])
                + Math.abs(slopes[b]) * (points[a] + points[b]);
        // 64: h is a handful of operations, each of which rounds; 1 covers cancellation inside h.
        if (gap < -64 * epsilon * (1 + magnitude)) {
          throw new IllegalArgumentException(
              String.format(
                  "h must lie above its tangents (convex, with h' its derivative),"
                      + " got h(%s) = %s below the tangent at %s, %s",
                  points[a], values[a], points[b], values[b] + step));
        }
      }
    }
  }
}
