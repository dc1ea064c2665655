package io.dil.train.report;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** One metric over the steps of a run. */
final class Curve {

  /** The last steps whose mean stands for the end of a run: one batch alone is noise. */
  static final int END_STEPS = 10;

  /** A run shorter than this is drawn as it is, without a mean. */
  private static final int SHORTEST_SMOOTHED = 20;

  /** A curve without points. */
  static final Curve EMPTY = new Curve(new double[0], new double[0]);

  private final double[] steps;
  private final double[] values;

  private Curve(double[] steps, double[] values) {
    this.steps = steps;
    this.values = values;
  }

  /** Returns the given metric of each row; NaN where it is missing or not finite. */
  static Curve of(List<Map<String, Double>> rows, String metric) {
    double[] steps = new double[rows.size()];
    double[] values = new double[rows.size()];
    for (int i = 0; i < steps.length; i++) {
      Map<String, Double> row = rows.get(i);
      double value = row.getOrDefault(metric, Double.NaN);
      steps[i] = row.getOrDefault("step", Double.NaN);
      values[i] = Double.isFinite(value) ? value : Double.NaN;
    }
    return new Curve(steps, values);
  }

  /**
   * Returns one curve of several: at each step that all have a value for, what {@code summary}
   * makes of their values.
   */
  static Curve across(List<Curve> curves, ToDoubleFunction<DoubleStream> summary) {
    Map<Double, double[]> bySteps = new TreeMap<>();
    for (int i = 0; i < curves.size(); i++) {
      Curve curve = curves.get(i);
      for (int row = 0; row < curve.values.length; row++) {
        if (Double.isFinite(curve.values[row])) {
          double[] at = bySteps.get(curve.steps[row]);
          if (at == null) {
            at = new double[curves.size()];
            Arrays.fill(at, Double.NaN);
            bySteps.put(curve.steps[row], at);
          }
          at[i] = curve.values[row];
        }
      }
    }
    bySteps.values().removeIf(values -> Arrays.stream(values).anyMatch(Double::isNaN));
    return new Curve(
        bySteps.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
        bySteps.values().stream()
            .mapToDouble(values -> summary.applyAsDouble(Arrays.stream(values)))
            .toArray());
  }

  /** Returns the values that are there. */
  DoubleStream finite() {
    return Arrays.stream(values).filter(Double::isFinite);
  }

  /** Returns the number of rows. */
  int size() {
    return values.length;
  }

  /** Returns the step of the given row. */
  double step(int row) {
    return steps[row];
  }

  /** Returns the value in the given row; NaN if there is none. */
  double value(int row) {
    return values[row];
  }

  /** Returns whether there is nothing to draw. */
  boolean isEmpty() {
    return finite().findAny().isEmpty();
  }

  /** Returns the first finite value, or NaN if there is none. */
  double first() {
    return finite().findFirst().orElse(Double.NaN);
  }

  /** Returns the step of the first finite value, or NaN if there is none. */
  double firstStep() {
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        return steps[i];
      }
    }
    return Double.NaN;
  }

  /** Returns the step of the first value that equals {@code value}, or NaN if none does. */
  double stepOf(double value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == value) {
        return steps[i];
      }
    }
    return Double.NaN;
  }

  /** Returns the last finite value, or NaN if there is none. */
  double last() {
    for (int i = values.length - 1; i >= 0; i--) {
      if (Double.isFinite(values[i])) {
        return values[i];
      }
    }
    return Double.NaN;
  }

  /**
   * Returns the mean of the finite values among the last {@link #END_STEPS} rows, or of the last
   * half of a shorter run; NaN if there is none.
   */
  double end() {
    return mean(values.length - endRows(values.length), values.length);
  }

  /** Returns how many rows of a run of the given length {@link #end()} looks at. */
  static int endRows(int rows) {
    return Math.max(1, Math.min(END_STEPS, rows / 2));
  }

  /** Returns over how many steps a run of the given length is smoothed; 1 is not at all. */
  static int window(int rows) {
    return rows < SHORTEST_SMOOTHED ? 1 : Math.min(100, Math.max(5, rows / 20));
  }

  /** Returns the mean over each step and the {@code window - 1} before it, of the finite values. */
  Curve smoothed(int window) {
    double[] means = new double[values.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = mean(Math.max(0, i - window + 1), i + 1);
    }
    return new Curve(steps, means);
  }

  /** Returns this curve less its first finite value. */
  Curve fromFirst() {
    double start = first();
    return new Curve(steps, Arrays.stream(values).map(value -> value - start).toArray());
  }

  /** Returns this curve with what lies beyond either end moved to that end. */
  Curve within(double low, double high) {
    return new Curve(
        steps,
        Arrays.stream(values)
            .map(value -> Double.isNaN(value) ? value : Math.min(high, Math.max(low, value)))
            .toArray());
  }

  private double mean(int from, int to) {
    return Arrays.stream(values, Math.max(0, from), to)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  /** Returns this curve at the given row numbers. */
  Curve at(int[] rows) {
    return new Curve(
        Arrays.stream(rows).mapToDouble(row -> steps[row]).toArray(),
        Arrays.stream(rows).mapToDouble(row -> values[row]).toArray());
  }
}
