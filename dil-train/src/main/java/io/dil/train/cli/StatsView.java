package io.dil.train.cli;

import io.dil.data.stream.DataStats;
import io.dil.data.stream.Lengths;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Shows what a data set holds: as a table, as JSON, as a page. */
final class StatsView {
  private static final int BARS = 40;

  private final String spec;
  private final DataStats stats;

  StatsView(String spec, DataStats stats) {
    this.spec = spec;
    this.stats = stats;
  }

  Map<String, Object> json() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("data", spec);
    out.put("rows", stats.rows());
    out.put("kept", stats.kept());
    out.put("dropped", stats.drops().byReason());
    out.put("duplicates", stats.duplicates());
    out.put("truncated_share", rounded(stats.truncatedShare()));
    Map<String, Object> lengths = new LinkedHashMap<>();
    stats.lengths().forEach((name, of) -> lengths.put(name, of.summary()));
    out.put(stats.inTokens() ? "tokens" : "characters", lengths);
    if (isPairs()) {
      Map<String, Object> bias = new LinkedHashMap<>();
      bias.put("chosen_longer_share", rounded(stats.chosenLongerShare()));
      bias.put("chosen_shorter_share", rounded(stats.chosenShorterShare()));
      bias.put("mean_difference", rounded(stats.meanLengthDifference()));
      out.put("length_bias", bias);
    }
    return out;
  }

  String table() {
    StringBuilder out = new StringBuilder();
    line(out, "data", spec);
    line(out, "rows", "" + stats.rows());
    line(out, "kept", "%d (%s)".formatted(stats.kept(), percent(stats.kept(), stats.rows())));
    stats
        .drops()
        .byReason()
        .forEach(
            (reason, count) ->
                line(
                    out,
                    "dropped",
                    "%d (%s) %s".formatted(count, percent(count, stats.rows()), reason)));
    line(out, "duplicates", "" + stats.duplicates());
    if (stats.inTokens()) {
      line(out, "truncated", percent(stats.truncatedShare()) + " of kept rows");
    }
    String unit = stats.inTokens() ? "tokens" : "characters";
    out.append(
        "%n%-12s%10s%8s%8s%8s%8s%8s%n".formatted(unit, "mean", "p50", "p90", "p95", "p99", "max"));
    stats
        .lengths()
        .forEach(
            (name, of) -> {
              out.append(String.format(Locale.ROOT, "%-12s%10.1f", name, of.mean()));
              for (int p : new int[] {50, 90, 95, 99}) {
                out.append("%8d".formatted(of.percentile(p)));
              }
              out.append("%8d%n".formatted(of.longest()));
            });
    if (isPairs()) {
      out.append(
          String.format(
              Locale.ROOT,
              "%nchosen is longer in %s of pairs and shorter in %s, by %.1f %s on average",
              percent(stats.chosenLongerShare()),
              percent(stats.chosenShorterShare()),
              stats.meanLengthDifference(),
              unit));
    }
    return out.toString();
  }

  String page() {
    StringBuilder out = new StringBuilder();
    out.append(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>data</title><style>"
            + "body{font:15px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
            + "pre{background:#f4f4f2;padding:1rem;overflow:auto}svg{width:100%;height:11rem}"
            + "rect{fill:#3b6ea5}text{font-size:11px;fill:#555}</style>");
    out.append("<h1>").append(escaped(spec)).append("</h1><pre>");
    out.append(escaped(table())).append("</pre>");
    stats.lengths().forEach((name, of) -> histogram(out, name, of));
    return out.append("</html>\n").toString();
  }

  private void histogram(StringBuilder out, String name, Lengths of) {
    long[] bars = of.histogram(BARS);
    long highest = 1;
    for (long bar : bars) {
      highest = Math.max(highest, bar);
    }
    String unit = stats.inTokens() ? "tokens" : "characters";
    out.append("<h2>").append(escaped(name)).append("</h2>");
    out.append("<svg viewBox=\"0 0 800 170\" preserveAspectRatio=\"none\" role=\"img\">");
    int width = 800 / BARS;
    for (int i = 0; i < BARS; i++) {
      long height = bars[i] * 140 / highest;
      long from = (long) i * (of.longest() + 1L) / BARS;
      out.append(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>from %d %s: %d rows</title></rect>"
              .formatted(i * width, 145 - height, width - 2, height, from, unit, bars[i]));
    }
    out.append(
        "<text x=\"0\" y=\"162\">0</text><text x=\"800\" y=\"162\" text-anchor=\"end\">%d %s</text></svg>"
            .formatted(of.longest(), unit));
  }

  private boolean isPairs() {
    return stats.lengths().containsKey("chosen");
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append("%-12s%s%n".formatted(name, value));
  }

  private static String percent(long part, long whole) {
    return percent(whole == 0 ? 0 : (double) part / whole);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
