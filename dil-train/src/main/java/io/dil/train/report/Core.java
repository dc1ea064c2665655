package io.dil.train.report;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The part of an axis in which nearly all values of a chart lie, for charts that a few steps would
 * otherwise flatten: one exploding batch, and the rest of a run is a straight line.
 *
 * @param low lower end of the axis
 * @param high upper end of the axis
 * @param outside how many values lie beyond either end
 * @param farthest the value that lies farthest outside
 */
record Core(double low, double high, int outside, double farthest) {

  /** With fewer values there is no telling what is usual. */
  private static final int FEWEST = 50;

  /** Share of the values at either end that may be cut off. */
  private static final double TAIL = 0.01;

  /** Values are cut off only if showing them would shrink the rest this many times. */
  private static final double SHRINKS = 4;

  /** Returns the core of the given curves, or nothing if all their values can be shown. */
  static Optional<Core> of(List<Curve> curves) {
    double[] sorted = curves.stream().flatMapToDouble(Curve::finite).sorted().toArray();
    if (sorted.length < FEWEST) {
      return Optional.empty();
    }
    int tail = Math.max(1, (int) (sorted.length * TAIL));
    double bottom = sorted[tail];
    double top = sorted[sorted.length - 1 - tail];
    double lowest = sorted[0];
    double highest = sorted[sorted.length - 1];
    if (top == bottom || highest - lowest <= SHRINKS * (top - bottom)) {
      return Optional.empty();
    }
    double room = (top - bottom) / 2;
    double low = Math.max(lowest, bottom - room);
    double high = Math.min(highest, top + room);
    int outside = (int) Arrays.stream(sorted).filter(value -> value < low || value > high).count();
    double farthest = low - lowest > highest - high ? lowest : highest;
    return Optional.of(new Core(low, high, outside, farthest));
  }
}
