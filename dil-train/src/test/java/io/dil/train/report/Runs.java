package io.dil.train.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** Builds the metrics of runs for the tests of this package. */
final class Runs {

  private Runs() {}

  /** Returns rows for steps 1 to {@code count} with one metric. */
  static List<Map<String, Double>> of(int count, String metric, IntToDoubleFunction value) {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (int step = 1; step <= count; step++) {
      rows.add(row(step, metric, value.applyAsDouble(step)));
    }
    return rows;
  }

  static Map<String, Double> row(double step, String metric, double value) {
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("step", step);
    row.put(metric, value);
    return row;
  }

  static ReportData data(List<Map<String, Double>> steps, List<Map<String, Double>> evaluations) {
    return new ReportData("a run", Map.of(), steps, evaluations, Map.of(), List.of());
  }
}
