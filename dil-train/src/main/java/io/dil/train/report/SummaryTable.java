package io.dil.train.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A short table of what a run began and ended with, in plain text.
 *
 * <pre>
 * metric                      first       last     change
 * loss                       0.6931     0.5122    -0.1809
 * eval_rewards/accuracies    0.5156     0.7188    +0.2031
 *
 * last: mean of the last 10 of 200 steps; eval_: the last evaluation
 * </pre>
 */
public final class SummaryTable {

  private static final List<String> LEFT_OUT =
      List.of("step", "epoch", "num_tokens", "learning_rate");

  private SummaryTable() {}

  /**
   * Returns the table of every metric but counters and the learning rate, its lines separated by
   * {@code \n}, without one at the end; an empty run has an empty table.
   */
  public static String of(ReportData data) {
    List<String[]> lines = new ArrayList<>();
    for (String metric : names(data.steps())) {
      Curve curve = Curve.of(data.steps(), metric);
      lines.add(line(metric, curve.first(), curve.end()));
    }
    for (String metric : names(data.evaluations())) {
      Curve curve = Curve.of(data.evaluations(), metric);
      lines.add(line(metric, curve.first(), curve.last()));
    }
    if (lines.isEmpty()) {
      return "";
    }
    int width = lines.stream().mapToInt(line -> line[0].length()).max().orElse(0);
    StringBuilder table = new StringBuilder();
    append(table, width, "metric", "first", "last", "change");
    for (String[] line : lines) {
      append(table, width, line);
    }
    return table.append('\n').append(footnote(data)).toString();
  }

  private static Set<String> names(List<Map<String, Double>> rows) {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> names.addAll(row.keySet()));
    LEFT_OUT.forEach(names::remove);
    return names;
  }

  private static String[] line(String metric, double first, double last) {
    return new String[] {
      metric, Numbers.brief(first), Numbers.brief(last), Numbers.signed(last - first)
    };
  }

  private static void append(StringBuilder table, int width, String... cells) {
    table.append(cells[0]).append(" ".repeat(width - Math.min(width, cells[0].length())));
    for (int i = 1; i < cells.length; i++) {
      table.append(" ".repeat(Math.max(1, 11 - cells[i].length()))).append(cells[i]);
    }
    table.append('\n');
  }

  private static String footnote(ReportData data) {
    List<String> parts = new ArrayList<>();
    int steps = data.steps().size();
    if (steps > 0) {
      int rows = Curve.endRows(steps);
      parts.add(
          rows == 1
              ? "last: the last of %d steps".formatted(steps)
              : "last: mean of the last %d of %d steps".formatted(rows, steps));
    }
    if (!data.evaluations().isEmpty()) {
      parts.add("eval_: the last evaluation");
    }
    return String.join("; ", parts);
  }
}
