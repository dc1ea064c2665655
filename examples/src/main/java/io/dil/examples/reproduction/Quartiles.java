package io.dil.examples.reproduction;

import java.util.Arrays;

/**
 * Quartiles, interpolated between the two nearest values.
 *
 * @param low a quarter of the values is below
 * @param median half of them is
 * @param high three quarters are
 */
record Quartiles(double low, double median, double high) {
  static Quartiles of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    double rest = place - below;
    // Two infinite neighbours have no difference.
    return rest == 0 || sorted[below] == sorted[below + 1]
        ? sorted[below]
        : sorted[below] + rest * (sorted[below + 1] - sorted[below]);
  }
}
