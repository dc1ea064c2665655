package io.dil.train.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as JSON, in the layout of the harness's {@code results}, and as a table. */
public final class EvaluationJson {
  /** The version of the harness whose rules are followed. */
  public static final String HARNESS = "lm_eval 0.4.13";

  private static final ObjectMapper JSON = new ObjectMapper();

  private EvaluationJson() {}

  /**
   * Returns results by their tasks' names: {@code rows}, every metric and its {@code _stderr},
   * {@code normalized} where the leaderboard has it. A metric with a filter stands under {@code
   * name,filter}; the first of them under its name alone too.
   */
  public static ObjectNode of(List<TaskResult> parts) {
    ObjectNode all = JSON.createObjectNode();
    for (TaskResult result : TaskResult.withGroups(parts)) {
      ObjectNode one = all.putObject(result.name());
      one.put("version", result.version()).put("rows", result.rows());
      result
          .metrics()
          .forEach(
              (name, value) -> {
                String base = name.replaceFirst(",.*", "");
                if (!one.has(base)) {
                  put(one, base, value);
                }
                if (!base.equals(name)) {
                  put(one, name, value);
                }
              });
      if (result.normalized().isPresent()) {
        one.put("normalized", result.normalized().getAsDouble());
      }
      if (result.cut() > 0) {
        one.put("cut", result.cut());
      }
      if (result.goldless() > 0) {
        one.put("without_right_choice", result.goldless());
      }
    }
    return all;
  }

  private static void put(ObjectNode one, String name, Statistic value) {
    one.put(name, value.mean());
    if (!Double.isNaN(value.stderr())) {
      int comma = name.indexOf(',');
      String stderr =
          comma < 0
              ? name + "_stderr"
              : name.substring(0, comma) + "_stderr" + name.substring(comma);
      one.put(stderr, value.stderr());
    }
  }

  /**
   * Returns what a reader must know of the numbers, a line each.
   *
   * @param longest the longest sequence
   */
  public static List<String> notes(List<TaskResult> parts, int longest) {
    List<String> notes = new ArrayList<>();
    for (TaskResult result : TaskResult.withGroups(parts)) {
      boolean whole = result.name().equals(result.group());
      boolean alone = parts.stream().filter(one -> one.group().equals(result.group())).count() == 1;
      if (!whole && !alone) {
        continue;
      }
      if (result.cut() > 0) {
        notes.add(
            "%s: %d of %d contexts are longer than %d tokens and lost their start; --max-length sets another bound"
                .formatted(result.name(), result.cut(), result.rows(), longest));
      }
      if (result.goldless() > 0) {
        notes.add(
            "%s: %d of %d rows name an answer that is not among the choices; they count as wrong"
                .formatted(result.name(), result.goldless(), result.rows()));
      }
    }
    return notes;
  }

  /** Returns a line of text a result and metric. */
  public static String table(List<TaskResult> parts) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("task", "rows", "metric", "value", "± stderr", "normalized"));
    for (TaskResult result : TaskResult.withGroups(parts)) {
      String indent = result.name().equals(result.group()) ? "" : "  ";
      boolean first = true;
      for (Map.Entry<String, Statistic> metric : result.metrics().entrySet()) {
        lines.add(
            List.of(
                first ? indent + result.name() : "",
                first ? String.valueOf(result.rows()) : "",
                metric.getKey(),
                number(100 * metric.getValue().mean()),
                number(100 * metric.getValue().stderr()),
                first && result.normalized().isPresent()
                    ? number(result.normalized().getAsDouble())
                    : ""));
        first = false;
      }
    }
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        boolean left = i == 0 || i == 2;
        String cell = line.get(i);
        String gap = " ".repeat(widths[i] - cell.length());
        row.append(left ? cell + gap : gap + cell).append("  ");
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
  }
}
