package io.dil.train.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.train.judge.Wilson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The final numbers of several runs: a row a run, a column a number that one of them has. */
final class RunTable {
  private RunTable() {}

  /** Returns the cells of every run by their columns' names. */
  static List<Map<String, String>> of(List<StoredRun> runs) {
    return runs.stream().map(RunTable::row).toList();
  }

  private static Map<String, String> row(StoredRun run) {
    Map<String, String> cells = new LinkedHashMap<>();
    cells.put("run", run.name());
    put(cells, "loss", run.loss());
    double step = Curve.of(run.data().steps(), "step").last();
    put(cells, "steps", Double.isNaN(step) ? "" : Numbers.rounded(step, 9));
    number(cells, "chosen drift", run.drift("chosen").curve());
    number(cells, "rejected drift", run.drift("rejected").curve());
    number(cells, "margin", run.curve("rewards/margins").curve());
    accuracy(run).ifPresent(wilson -> put(cells, "accuracy", wilson));
    Curve heldOut = Curve.of(run.data().evaluations(), Chart.heldOut("loss"));
    if (!heldOut.isEmpty()) {
      double lowest = heldOut.finite().min().orElse(Double.NaN);
      String least =
          lowest < heldOut.last()
              ? " (lowest %s, step %s)"
                  .formatted(Numbers.rounded(lowest, 3), Numbers.rounded(heldOut.stepOf(lowest), 9))
              : "";
      put(cells, "held-out loss", Numbers.rounded(heldOut.last(), 3) + least);
    }
    run.benchmarks().values().forEach(found -> benchmarks(cells, found));
    run.judged().forEach((file, found) -> judged(cells, file, found));
    return cells;
  }

  private static Optional<String> accuracy(StoredRun run) {
    Curve curve = run.curve("rewards/accuracies").curve();
    if (curve.isEmpty()) {
      return Optional.empty();
    }
    return interval(run)
        .map(
            wilson ->
                "%s (%s to %s, n = %d)"
                    .formatted(
                        Numbers.percent(wilson.share()),
                        Numbers.percent(wilson.low()),
                        Numbers.percent(wilson.high()),
                        wilson.count()))
        .or(() -> Optional.of(Numbers.percent(curve.last())));
  }

  /** Returns a run's held-out accuracy with its interval, where the number of pairs is known. */
  static Optional<Wilson> interval(StoredRun run) {
    double accuracy = Curve.of(run.data().evaluations(), "eval_rewards/accuracies").last();
    double pairs = Curve.of(run.data().evaluations(), "eval_pairs").last();
    return pairs >= 1 && Double.isFinite(accuracy)
        ? Optional.of(Wilson.of(accuracy * pairs, Math.round(pairs)))
        : Optional.empty();
  }

  private static void benchmarks(Map<String, String> cells, JsonNode found) {
    Set<String> names = new LinkedHashSet<>();
    found.path("results").fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      // Parts of a benchmark stand in its own file.
      boolean part = names.stream().anyMatch(other -> name.startsWith(other + "_"));
      JsonNode result = found.path("results").path(name);
      for (String metric : List.of("acc_norm", "exact_match", "acc")) {
        if (!part && result.path(metric).isNumber()) {
          String error =
              result.has(metric + "_stderr")
                  ? " ± " + Numbers.rounded(100 * result.path(metric + "_stderr").asDouble(), 2)
                  : "";
          put(
              cells,
              name + " " + metric,
              Numbers.rounded(100 * result.path(metric).asDouble(), 4) + error);
          break;
        }
      }
    }
  }

  private static void judged(Map<String, String> cells, String file, JsonNode found) {
    JsonNode rate = found.path("win_rate");
    int slash = file.lastIndexOf('/');
    String name =
        slash < 0 ? "wins against " + found.path("b").asText("b") : file.substring(0, slash);
    put(
        cells,
        name,
        "%s (%s to %s, n = %d)"
            .formatted(
                Numbers.percent(rate.path("rate").asDouble()),
                Numbers.percent(rate.path("low").asDouble()),
                Numbers.percent(rate.path("high").asDouble()),
                rate.path("n").asLong()));
  }

  private static void number(Map<String, String> cells, String name, Curve curve) {
    if (!curve.isEmpty()) {
      put(cells, name, Numbers.signed(curve.last()));
    }
  }

  private static void put(Map<String, String> cells, String name, String value) {
    if (!value.isEmpty()) {
      cells.put(name, value);
    }
  }

  /** Returns every column that a run has, in the order in which they come. */
  static List<String> columns(List<Map<String, String>> rows) {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> names.addAll(row.keySet()));
    return new ArrayList<>(names);
  }

  /** Returns the table as HTML. */
  static String html(List<Map<String, String>> rows) {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><thead><tr>");
    List<String> columns = columns(rows);
    columns.forEach(name -> html.append("<th>").append(Escape.html(name)).append("</th>"));
    html.append("</tr></thead><tbody>");
    for (Map<String, String> row : rows) {
      html.append("<tr>");
      for (String column : columns) {
        html.append("<td>").append(Escape.html(row.getOrDefault(column, "–"))).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>").toString();
  }
}
