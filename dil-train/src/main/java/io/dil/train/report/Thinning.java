package io.dil.train.report;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Chooses which rows of a long run are drawn.
 *
 * <p>Rows are cut into equal runs and of each the rows with the smallest and the largest value of
 * every curve are kept, whole. So a spike of a single step stays visible, every point drawn is one
 * that was measured, and curves of one chart keep a common axis.
 */
final class Thinning {

  /** Runs of rows in a chart: about two for each pixel column of a wide chart. */
  static final int BUCKETS = 500;

  private Thinning() {}

  /**
   * Returns the row numbers to keep, ascending; the first and the last are always among them.
   *
   * @param curves the curves of a chart, all of the same length
   * @param buckets how many runs to cut the rows into; no more than twice as many rows a curve, and
   *     two, come back
   */
  static int[] rows(List<Curve> curves, int buckets) {
    int count = curves.isEmpty() ? 0 : curves.get(0).size();
    Collection<Integer> kept = new TreeSet<>();
    for (int bucket = 0; bucket < buckets && count > 0; bucket++) {
      int from = (int) ((long) bucket * count / buckets);
      int to = (int) ((long) (bucket + 1) * count / buckets);
      if (from == to) {
        continue;
      }
      for (Curve curve : curves) {
        keepExtremes(curve, from, to, kept);
      }
    }
    if (count > 0) {
      kept.add(0);
      kept.add(count - 1);
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void keepExtremes(Curve curve, int from, int to, Collection<Integer> kept) {
    int low = from;
    int high = from;
    for (int i = from + 1; i < to; i++) {
      // A NaN loses against any number, in both directions.
      if (curve.value(i) < curve.value(low) || Double.isNaN(curve.value(low))) {
        low = i;
      }
      if (curve.value(i) > curve.value(high) || Double.isNaN(curve.value(high))) {
        high = i;
      }
    }
    kept.add(low);
    kept.add(high);
  }
}
