package io.dil.train.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs that one line stands for: a single one, or the same settings under several seeds.
 *
 * @param name as the key calls it
 * @param runs at least one
 */
record RunGroup(String name, List<StoredRun> runs) {
  /** Copies the list. */
  RunGroup {
    runs = List.copyOf(runs);
  }

  static RunGroup of(StoredRun run) {
    return new RunGroup(run.name(), List.of(run));
  }

  /**
   * A line and how far the runs lie apart.
   *
   * @param middle the mean of the runs; may be empty
   * @param low the lowest of the runs at each step; empty for a single run
   * @param high the highest
   * @param basis what was measured on, in words
   */
  record Band(Curve middle, Curve low, Curve high, String basis) {
    boolean isBand() {
      return !low.isEmpty();
    }
  }

  /** Returns the line of a chart. */
  Band band(RunChart chart) {
    List<Curve> curves = new ArrayList<>();
    String basis = "";
    for (StoredRun run : runs) {
      StoredRun.RunCurve line = chart.curve().apply(run);
      if (!line.curve().isEmpty()) {
        curves.add(line.curve());
        basis = line.basis();
      }
    }
    if (curves.size() < 2) {
      Curve only = curves.isEmpty() ? Curve.EMPTY : curves.get(0);
      return new Band(only, Curve.EMPTY, Curve.EMPTY, basis);
    }
    return new Band(
        Curve.across(curves, values -> values.average().orElse(Double.NaN)),
        Curve.across(curves, values -> values.min().orElse(Double.NaN)),
        Curve.across(curves, values -> values.max().orElse(Double.NaN)),
        basis + "; mean of " + curves.size() + " seeds, from the lowest to the highest");
  }
}
