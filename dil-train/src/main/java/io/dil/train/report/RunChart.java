package io.dil.train.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A picture over several runs: a line per run, or per setting, with a band over its seeds.
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

  /** Returns the charts that have at least one line. */
  static List<RunChart> of(List<RunGroup> groups) {
    return ALL.stream()
        .filter(chart -> groups.stream().anyMatch(group -> !group.band(chart).middle().isEmpty()))
        .toList();
  }

  ObjectNode toJson(List<RunGroup> groups) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("title", title).put("unit", unit).put("scale", scale.name());
    ArrayNode tables = node.putArray("tables");
    ArrayNode series = node.putArray("series");
    for (int i = 0; i < groups.size(); i++) {
      RunGroup.Band line = groups.get(i).band(this);
      if (line.middle().isEmpty()) {
        continue;
      }
      List<Curve> curves =
          line.isBand() ? List.of(line.middle(), line.low(), line.high()) : List.of(line.middle());
      int[] rows = Thinning.rows(curves, Thinning.BUCKETS);
      tables.add(ChartJson.table(curves.stream().map(curve -> curve.at(rows)).toList()));
      ObjectNode one = series(series, groups.get(i), i, "line");
      one.put("last", value(line.middle().last()));
      if (i >= COLOURS) {
        DASHES.get(i / COLOURS).forEach(one.putArray("dash")::add);
      }
      if (line.isBand()) {
        // Two edges, between which the page fills.
        series(series, groups.get(i), i, "low");
        series(series, groups.get(i), i, "high");
      }
    }
    return node;
  }

  private static ObjectNode series(ArrayNode series, RunGroup group, int place, String kind) {
    return series
        .addObject()
        .put("label", group.name())
        .put("colour", "run-" + place % COLOURS)
        .put("kind", kind);
  }

  private String value(double value) {
    return scale == Chart.Scale.SHARE ? Numbers.percent(value) : Numbers.brief(value);
  }

  /** Returns the figure: title, caption, a key per line with its last value. */
  String html(List<RunGroup> groups) {
    StringBuilder html = new StringBuilder("<figure><figcaption><h3>");
    html.append(Escape.html(title)).append("</h3><p>").append(Escape.html(caption));
    html.append("</p></figcaption><ul class=\"keys\">");
    List<String> bases = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      RunGroup.Band line = groups.get(i).band(this);
      if (line.middle().isEmpty()) {
        continue;
      }
      String dash =
          String.join(" ", DASHES.get(i / COLOURS).stream().map(String::valueOf).toList());
      html.append("<li><svg viewBox=\"0 0 34 14\" width=\"34\" height=\"14\" aria-hidden=\"true\"");
      html.append(" class=\"key run-").append(i % COLOURS).append("\"><path d=\"M1 7H33\"");
      html.append(" stroke-width=\"2\" stroke-dasharray=\"")
          .append(dash)
          .append("\"/></svg><span>");
      html.append(Escape.html(groups.get(i).name())).append("</span> <b>");
      html.append(Escape.html(value(line.middle().last()))).append("</b></li>");
      if (!bases.contains(line.basis())) {
        bases.add(line.basis());
      }
    }
    html.append("</ul><p class=\"basis\">").append(Escape.html(String.join("; ", bases)));
    return html.append("</p><div class=\"plot\"></div></figure>\n").toString();
  }
}
