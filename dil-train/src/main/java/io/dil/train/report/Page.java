package io.dil.train.report;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills the page: everything a reader sees without JavaScript is written here, escaped. */
final class Page {

  private static final String FOLDER = "/io/dil/train/report/";
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");

  private Page() {}

  /** Returns the whole page. */
  static String of(ReportData data) throws IOException {
    Drawing drawing = Drawing.find();
    Headline headline = Headline.of(data);
    List<Chart> charts = Chart.of(data);
    Map<String, String> places =
        Map.ofEntries(
            Map.entry("title", Escape.html(data.title())),
            Map.entry("style", drawing.style() + Webjar.resource(FOLDER + "report.css")),
            Map.entry("headline", Escape.html(headline.sentence())),
            Map.entry("warnings", warnings(headline.warnings())),
            Map.entry("tiles", tiles(headline.tiles())),
            Map.entry("summary", definitions(data.summary())),
            Map.entry("charts", charts(charts, data)),
            Map.entry("legend", legend(charts)),
            Map.entry("generations", generations(data.generations())),
            Map.entry("settings", definitions(data.settings())),
            Map.entry("notice", drawing.notice()),
            Map.entry("credit", drawing.credit()),
            Map.entry("scripts", drawing.scripts(ChartJson.of(charts, data))));
    return fill(Webjar.resource(FOLDER + "report.html"), places);
  }

  /** Fills all places in one pass, so that a value that looks like a place stays as it is. */
  private static String fill(String template, Map<String, String> places) {
    Matcher matcher = PLACE.matcher(template);
    StringBuilder page = new StringBuilder();
    while (matcher.find()) {
      String value = places.get(matcher.group(1));
      if (value == null) {
        throw new IllegalStateException(
            "place must be one of %s, got %s".formatted(places.keySet(), matcher.group(1)));
      }
      matcher.appendReplacement(page, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(page).toString();
  }

  private static String warnings(List<String> warnings) {
    StringBuilder html = new StringBuilder();
    for (String warning : warnings) {
      html.append("<p class=\"warning\" role=\"alert\">")
          .append(Escape.html(warning))
          .append("</p>\n");
    }
    return html.toString();
  }

  private static String tiles(List<Headline.Tile> tiles) {
    StringBuilder html = new StringBuilder();
    for (Headline.Tile tile : tiles) {
      html.append("<div class=\"tile\"><span>").append(Escape.html(tile.name()));
      html.append("</span><strong>").append(Escape.html(tile.value()));
      html.append("</strong><small>").append(Escape.html(tile.note())).append("</small></div>\n");
    }
    return html.toString();
  }

  private static String definitions(Map<String, String> values) {
    StringBuilder html = new StringBuilder();
    values.forEach(
        (name, value) ->
            html.append("<div><dt>")
                .append(Escape.html(name))
                .append("</dt><dd>")
                .append(Escape.html(value))
                .append("</dd></div>\n"));
    return html.toString();
  }

  private static String charts(List<Chart> charts, ReportData data) {
    StringBuilder html = new StringBuilder();
    for (Chart chart : charts) {
      html.append("<figure><figcaption><h3>").append(Escape.html(chart.title()));
      html.append("</h3><p>").append(Escape.html(chart.caption()));
      Core.of(chart.curves(data))
          .ifPresent(core -> html.append(outside(core, data.steps().size())));
      html.append("</p></figcaption>");
      keys(html, Key.of(chart, data));
      html.append("<div class=\"plot\"></div></figure>\n");
    }
    return html.toString();
  }

  /** Writes a chart's lines with their last values, which a reader sees without a mouse. */
  static void keys(StringBuilder html, List<Key> keys) {
    html.append("<ul class=\"keys\">");
    keys.forEach(key -> html.append(key.html()));
    html.append("</ul>");
  }

  private static String outside(Core core, int steps) {
    String points = core.outside() == 1 ? "1 point lies" : core.outside() + " points lie";
    String mean = Curve.window(steps) > 1 ? " The mean takes the edge for them." : "";
    return " <em>%s outside the picture, the farthest at %s.%s</em>"
        .formatted(points, Numbers.brief(core.farthest()), mean);
  }

  private static String legend(List<Chart> charts) {
    if (charts.isEmpty()) {
      return "No metrics were recorded.";
    }
    return "The figure after a line's name is its last value, or that under the pointer. Drag over a"
        + " chart to zoom in, double-click to zoom out.";
  }

  private static String generations(List<GenerationSample> samples) {
    if (samples.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<section><h2>Before and after</h2>\n");
    for (GenerationSample sample : samples) {
      html.append("<article><p class=\"prompt\">");
      if (!sample.promptNote().isEmpty()) {
        html.append("<em>").append(Escape.html(sample.promptNote())).append("</em> ");
      }
      html.append(Escape.html(sample.prompt().strip()));
      html.append("</p><div class=\"sides\">");
      side(html, "before", sample.before(), sample.beforeNote());
      side(html, "after", sample.after(), sample.afterNote());
      html.append("</div></article>\n");
    }
    return html.append("</section>").toString();
  }

  private static void side(StringBuilder html, String name, String text, String note) {
    html.append("<div class=\"").append(name).append("\"><h3>").append(name).append("</h3><p>");
    html.append(text.isBlank() ? "<em>nothing</em>" : Escape.html(text.strip()));
    if (!note.isEmpty()) {
      html.append(" <em>").append(Escape.html(note)).append("</em>");
    }
    html.append("</p></div>");
  }
}
