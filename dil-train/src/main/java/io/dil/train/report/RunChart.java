package io.dil.train.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A picture over several runs, a line a run.
 *
 * @param title what is drawn
 * @param caption how to read it
 * @param unit what the vertical axis counts
 * @param scale how that axis is drawn
 * @param curve the run's line
 */
record RunChart(
    String title,
    String caption,
    String unit,
    Chart.Scale scale,
    Function<StoredRun, StoredRun.RunCurve> curve) {
  private static final int COLOURS = 8;

  /** After eight runs colours come again, with another pattern. */
  private static final List<List<Integer>> DASHES =
      List.of(List.of(), List.of(9, 4), List.of(2, 3));

  /** The most runs that a reader can tell apart. */
  static final int MOST_RUNS = COLOURS * 3;

  private static final List<RunChart> ALL =
      List.of(
          new RunChart(
              "Chosen log-probability since the start",
              "Below zero: the model finds the preferred responses less likely than before.",
              "nats",
              Chart.Scale.ZERO,
              run -> run.drift("chosen")),
          new RunChart(
              "Rejected log-probability since the start",
              "The paper's Figure 2 sets it beside the chosen one.",
              "nats",
              Chart.Scale.ZERO,
              run -> run.drift("rejected")),
          new RunChart(
              "Chosen drift per token",
              "The same per token, which responses' lengths do not sway.",
              "nats per token",
              Chart.Scale.ZERO,
              run -> run.curve("logps/chosen_drift_per_token")),
          new RunChart(
              "Margin",
              "Rewards as each loss defines them: losses with another beta are on another scale.",
              "reward",
              Chart.Scale.ZERO,
              run -> run.curve("rewards/margins")),
          new RunChart(
              "Reward accuracy",
              "Share of pairs whose chosen response has the larger reward.",
              "share of pairs",
              Chart.Scale.SHARE,
              run -> run.curve("rewards/accuracies")),
          new RunChart(
              "Loss",
              "On held-out pairs where they were evaluated. Different losses cannot be compared, their"
                  + " shapes can.",
              "loss",
              Chart.Scale.PLAIN,
              run -> run.curve("loss")));

  /** Returns the charts that have at least one run's line. */
  static List<RunChart> of(List<StoredRun> runs) {
    return ALL.stream()
        .filter(chart -> runs.stream().anyMatch(run -> !chart.line(run).curve().isEmpty()))
        .toList();
  }

  private StoredRun.RunCurve line(StoredRun run) {
    return curve.apply(run);
  }

  ObjectNode toJson(List<StoredRun> runs) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("title", title).put("unit", unit).put("scale", scale.name());
    ArrayNode tables = node.putArray("tables");
    ArrayNode series = node.putArray("series");
    for (int i = 0; i < runs.size(); i++) {
      Curve line = line(runs.get(i)).curve();
      if (line.isEmpty()) {
        continue;
      }
      tables.add(ChartJson.table(List.of(line.at(Thinning.rows(List.of(line), Thinning.BUCKETS)))));
      ObjectNode one = series.addObject().put("label", runs.get(i).name());
      one.put("colour", "run-" + i % COLOURS).put("kind", "line").put("last", value(line.last()));
      if (i >= COLOURS) {
        DASHES.get(i / COLOURS).forEach(one.putArray("dash")::add);
      }
    }
    return node;
  }

  private String value(double value) {
    return scale == Chart.Scale.SHARE ? Numbers.percent(value) : Numbers.brief(value);
  }

  /** Returns the figure: title, caption, a key a run with its last value. */
  String html(List<StoredRun> runs) {
    StringBuilder html = new StringBuilder("<figure><figcaption><h3>");
    html.append(Escape.html(title)).append("</h3><p>").append(Escape.html(caption));
    html.append("</p></figcaption><ul class=\"keys\">");
    List<String> bases = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      StoredRun.RunCurve line = line(runs.get(i));
      if (line.curve().isEmpty()) {
        continue;
      }
      String dash =
          String.join(" ", DASHES.get(i / COLOURS).stream().map(String::valueOf).toList());
      html.append("<li><svg viewBox=\"0 0 34 14\" width=\"34\" height=\"14\" aria-hidden=\"true\"");
      html.append(" class=\"key run-").append(i % COLOURS).append("\"><path d=\"M1 7H33\"");
      html.append(" stroke-width=\"2\" stroke-dasharray=\"")
          .append(dash)
          .append("\"/></svg><span>");
      html.append(Escape.html(runs.get(i).name())).append("</span> <b>");
      html.append(Escape.html(value(line.curve().last()))).append("</b></li>");
      if (!bases.contains(line.basis())) {
        bases.add(line.basis());
      }
    }
    html.append("</ul><p class=\"basis\">").append(Escape.html(String.join("; ", bases)));
    return html.append("</p><div class=\"plot\"></div></figure>\n").toString();
  }
}
