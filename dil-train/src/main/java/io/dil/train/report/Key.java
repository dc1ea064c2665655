package io.dil.train.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A line of a chart as its list of keys names it: every line of a chart differs from the others in
 * name, and in colour or in how it is drawn.
 *
 * @param label what it is
 * @param metric the metric that it draws
 * @param colour the colour's name in the style sheet
 * @param kind how it is drawn
 * @param last its last value, which the list shows
 * @param share whether values are shares, shown in per cent
 */
record Key(String label, String metric, String colour, Kind kind, double last, boolean share) {

  /** How a line is drawn. */
  enum Kind {
    /** A thin, pale line: every step of a long run. */
    FAINT,
    /** A line: every step of a short run. */
    LINE,
    /** A bold line: the mean over some steps. */
    MEAN,
    /** A dashed line with a dot at every evaluation. */
    HELD_OUT
  }

  private static final List<String> COLOURS = List.of("first", "second");
  private static final List<String> HELD_OUT_COLOURS = List.of("first-held", "second-held");

  /** Returns the lines of a chart in the order in which they are drawn. */
  static List<Key> of(Chart chart, ReportData data) {
    int window = chart.scale() == Chart.Scale.EXACT ? 1 : Curve.window(data.steps().size());
    boolean share = chart.scale() == Chart.Scale.SHARE;
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < chart.metrics().size(); i++) {
      String metric = chart.metrics().get(i);
      Curve curve = Curve.of(data.steps(), metric);
      if (curve.isEmpty()) {
        continue;
      }
      String name = name(chart, metric);
      String colour = COLOURS.get(Math.min(i, 1));
      if (window == 1) {
        keys.add(new Key(name + "training", metric, colour, Kind.LINE, curve.last(), share));
        continue;
      }
      keys.add(new Key(name + "each step", metric, colour, Kind.FAINT, curve.last(), share));
      keys.add(
          new Key(
              name + "mean of " + window + " steps",
              metric,
              colour,
              Kind.MEAN,
              curve.smoothed(window).last(),
              share));
    }
    for (int i = 0; i < chart.metrics().size(); i++) {
      String metric = Chart.heldOut(chart.metrics().get(i));
      Curve curve = Curve.of(data.evaluations(), metric);
      if (!curve.isEmpty()) {
        keys.add(
            new Key(
                name(chart, chart.metrics().get(i)) + "held out",
                metric,
                HELD_OUT_COLOURS.get(Math.min(i, 1)),
                Kind.HELD_OUT,
                curve.last(),
                share));
      }
    }
    return keys;
  }

  /** Returns whose line it is, where a chart has those of several. */
  private static String name(Chart chart, String metric) {
    if (chart.metrics().size() == 1) {
      return "";
    }
    return (metric.contains("rejected") ? "rejected" : "chosen") + ", ";
  }

  /** Returns the last value for people. */
  String value() {
    return share ? Numbers.percent(last) : Numbers.brief(last);
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("label", label)
        .put("colour", colour)
        .put("kind", kind.name().toLowerCase(Locale.ROOT))
        .put("last", value());
  }

  /** Returns the entry of the list: how the line looks, what it is, its last value. */
  String html() {
    String line =
        switch (kind) {
          case FAINT -> "<path d=\"M1 7H33\" stroke-width=\"1\" opacity=\".6\"/>";
          case LINE -> "<path d=\"M1 7H33\" stroke-width=\"1.5\"/>";
          case MEAN -> "<path d=\"M1 7H33\" stroke-width=\"3\"/>";
          case HELD_OUT ->
              "<path d=\"M1 7H33\" stroke-width=\"1.5\" stroke-dasharray=\"4 4\"/>"
                  + "<circle cx=\"17\" cy=\"7\" r=\"3.5\"/>";
        };
    return "<li><svg viewBox=\"0 0 34 14\" width=\"34\" height=\"14\" aria-hidden=\"true\" class=\"key "
        + colour
        + "\">"
        + line
        + "</svg><span>"
        + Escape.html(label)
        + "</span> <b>"
        + Escape.html(value())
        + "</b></li>";
  }
}
