package io.dil.train.cli;

import io.dil.data.stream.DataStats;
import io.dil.data.stream.Lengths;
import io.dil.train.report.Shell;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
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
    String unit = unit();
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
      out.append(System.lineSeparator()).append(bias());
    }
    return out.toString();
  }

  String page() throws IOException {
    StringBuilder out = new StringBuilder("<header><h1>");
    out.append(Shell.escaped(spec)).append("</h1><p class=\"headline\">");
    out.append(
        Shell.escaped(
            String.format(
                Locale.ROOT,
                "%,d of %,d rows can be used (%s).",
                stats.kept(),
                stats.rows(),
                percent(stats.kept(), stats.rows()))));
    out.append("</p></header>");
    rows(out);
    lengths(out);
    if (isPairs()) {
      out.append("<p class=\"basis\">").append(Shell.escaped(bias())).append("</p>");
    }
    out.append("<section><h2>Lengths</h2><div class=\"charts\">");
    stats.lengths().forEach((name, of) -> histogram(out, name, of));
    return Shell.page(spec, out.append("</div></section>").toString());
  }

  private void rows(StringBuilder out) {
    out.append("<div class=\"scroll\"><table><thead><tr><th>rows</th><th>number</th>");
    out.append("<th>share</th></tr></thead><tbody>");
    row(out, "all", stats.rows());
    row(out, "kept", stats.kept());
    stats.drops().byReason().forEach((reason, count) -> row(out, "dropped: " + reason, count));
    row(out, "duplicates", stats.duplicates());
    out.append("</tbody></table></div>");
    if (stats.inTokens()) {
      out.append("<p class=\"basis\">").append(percent(stats.truncatedShare()));
      out.append(" of kept rows are truncated.</p>");
    }
  }

  private void row(StringBuilder out, String name, long count) {
    out.append("<tr><td>").append(Shell.escaped(name)).append("</td><td>").append(count);
    out.append("</td><td>").append(percent(count, stats.rows())).append("</td></tr>\n");
  }

  private void lengths(StringBuilder out) {
    out.append("<div class=\"scroll\"><table><thead><tr><th>").append(unit()).append("</th>");
    for (String name : List.of("mean", "p50", "p90", "p95", "p99", "max")) {
      out.append("<th>").append(name).append("</th>");
    }
    out.append("</tr></thead><tbody>");
    stats
        .lengths()
        .forEach(
            (name, of) -> {
              out.append("<tr><td>").append(Shell.escaped(name)).append("</td><td>");
              out.append(String.format(Locale.ROOT, "%.1f", of.mean())).append("</td>");
              for (int p : new int[] {50, 90, 95, 99}) {
                out.append("<td>").append(of.percentile(p)).append("</td>");
              }
              out.append("<td>").append(of.longest()).append("</td></tr>\n");
            });
    out.append("</tbody></table></div>");
  }

  private void histogram(StringBuilder out, String name, Lengths of) {
    long[] bars = of.histogram(BARS);
    long highest = 1;
    for (long bar : bars) {
      highest = Math.max(highest, bar);
    }
    out.append("<figure><figcaption><h3>").append(Shell.escaped(name)).append("</h3><p>");
    out.append("Rows by their ").append(unit()).append("; the highest bar has ").append(highest);
    out.append(" rows.</p></figcaption>");
    // Stretched to the figure's width, so no text stands in it.
    out.append(
        "<svg class=\"bars\" viewBox=\"0 0 800 130\" preserveAspectRatio=\"none\" role=\"img\">");
    int width = 800 / BARS;
    for (int i = 0; i < BARS; i++) {
      long height = bars[i] == 0 ? 0 : Math.max(1, bars[i] * 128 / highest);
      long from = (long) i * (of.longest() + 1L) / BARS;
      out.append(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>from %d %s: %d rows</title></rect>"
              .formatted(i * width, 130 - height, width - 2, height, from, unit(), bars[i]));
    }
    out.append("</svg><div class=\"ends\"><span>0</span><span>").append(of.longest() / 2);
    out.append("</span><span>").append(of.longest()).append(' ').append(unit());
    out.append("</span></div></figure>\n");
  }

  private String unit() {
    return stats.inTokens() ? "tokens" : "characters";
  }

  private String bias() {
    return String.format(
        Locale.ROOT,
        "chosen is longer in %s of pairs and shorter in %s, by %.1f %s on average",
        percent(stats.chosenLongerShare()),
        percent(stats.chosenShorterShare()),
        stats.meanLengthDifference(),
        unit());
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
}
