package io.dil.train.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How far test metrics could be otherwise with other pairs: 95 % intervals of the percentile
 * bootstrap (Efron 1979) over the test pairs, with the same draws for every method, so that
 * differences of methods are paired. A method's number is the mean over its seeds.
 */
final class Bootstrap {
  private static final int DRAWS = 2000;
  private static final double TAIL = 0.025;

  private final List<int[]> draws = new ArrayList<>();

  /** Makes the draws for a number of pairs; the same ones for the same number. */
  Bootstrap(int pairs) {
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < DRAWS; i++) {
      draws.add(random.ints(pairs, 0, pairs).toArray());
    }
  }

  /**
   * An interval.
   *
   * @param low 2.5 % of the draws are below
   * @param high 2.5 % are above
   */
  record Interval(double low, double high) {}

  /** Returns each draw's metrics, means over seeds; a metric that one draw lacks is left out. */
  Map<String, double[]> values(List<TestScores> seeds) {
    Map<String, double[]> values = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int draw = 0; draw < draws.size(); draw++) {
      for (TestScores scores : seeds) {
        int at = draw;
        scores
            .metrics(draws.get(draw))
            .forEach(
                (name, value) -> {
                  values.computeIfAbsent(name, n -> new double[DRAWS])[at] += value / seeds.size();
                  counts.merge(name, 1, Integer::sum);
                });
      }
    }
    values.keySet().removeIf(name -> counts.getOrDefault(name, 0) < DRAWS * seeds.size());
    values.keySet().removeIf(name -> name.startsWith("pairs"));
    return values;
  }

  /** Returns the interval of each metric. */
  static Map<String, Interval> intervals(Map<String, double[]> values) {
    Map<String, Interval> intervals = new LinkedHashMap<>();
    values.forEach((name, all) -> intervals.put(name, interval(all)));
    return intervals;
  }

  /** Returns the interval of each metric of the one less that of the other. */
  static Map<String, Interval> differences(Map<String, double[]> one, Map<String, double[]> other) {
    Map<String, Interval> intervals = new LinkedHashMap<>();
    one.forEach(
        (name, all) -> {
          double[] second = other.get(name);
          if (second != null) {
            double[] difference = new double[all.length];
            for (int i = 0; i < all.length; i++) {
              difference[i] = all[i] - second[i];
            }
            intervals.put(name, interval(difference));
          }
        });
    return intervals;
  }

  private static Interval interval(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int tail = (int) (TAIL * sorted.length);
    return new Interval(sorted[tail], sorted[sorted.length - 1 - tail]);
  }
}
