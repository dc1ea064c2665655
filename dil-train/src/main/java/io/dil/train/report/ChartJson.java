package io.dil.train.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * What the page's script needs to draw the charts.
 *
 * <p>A chart is {@code {"title", "scale", "tables": [TABLE, …], "series": [SERIES, …]}}. A table is
 * a column of steps and columns of values, {@code null} where there is none; the columns of all
 * tables, steps left out, match the series in order. A series is {@code {"label", "colour",
 * "kind"}}. A chart with a {@link Core} has {@code "core": [low, high]} as well.
 */
final class ChartJson {

  /** Digits that a screen can tell apart, and some to zoom in on. */
  private static final int DIGITS = 7;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final List<String> COLOURS = List.of("first", "second");

  private ChartJson() {}

  /** Returns the charts as JSON text. */
  static String of(List<Chart> charts, ReportData data) {
    ArrayNode all = JSON.arrayNode();
    charts.forEach(chart -> all.add(chart(chart, data)));
    return all.toString();
  }

  private static ObjectNode chart(Chart chart, ReportData data) {
    ArrayNode series = JSON.arrayNode();
    ArrayNode tables = JSON.arrayNode();
    Optional<Core> core = Core.of(chart.curves(data));
    training(chart, data, core, series, tables);
    heldOut(chart, data, series, tables);
    ObjectNode node = JSON.objectNode();
    node.put("title", chart.title()).put("scale", chart.scale().name());
    core.ifPresent(shown -> node.set("core", range(shown)));
    node.set("tables", tables);
    node.set("series", series);
    return node;
  }

  private static void training(
      Chart chart, ReportData data, Optional<Core> core, ArrayNode series, ArrayNode tables) {
    List<Curve> measured = new ArrayList<>();
    List<Curve> drawn = new ArrayList<>();
    int window = chart.scale() == Chart.Scale.EXACT ? 1 : Curve.window(data.steps().size());
    for (int i = 0; i < chart.metrics().size(); i++) {
      String metric = chart.metrics().get(i);
      Curve curve = Curve.of(data.steps(), metric);
      if (curve.isEmpty()) {
        continue;
      }
      String colour = COLOURS.get(Math.min(i, COLOURS.size() - 1));
      measured.add(curve);
      drawn.add(curve);
      series.add(series(metric, colour, window == 1 ? "line" : "faint"));
      if (window > 1) {
        Curve shown = core.map(range -> curve.within(range.low(), range.high())).orElse(curve);
        drawn.add(shown.smoothed(window));
        series.add(series("mean", colour, "line"));
      }
    }
    if (!drawn.isEmpty()) {
      // Only what was measured decides which steps are drawn: means have no spikes to lose.
      int[] rows = Thinning.rows(measured, Thinning.BUCKETS);
      tables.add(table(drawn.stream().map(curve -> curve.at(rows)).toList()));
    }
  }

  private static void heldOut(Chart chart, ReportData data, ArrayNode series, ArrayNode tables) {
    for (int i = 0; i < chart.metrics().size(); i++) {
      String metric = Chart.heldOut(chart.metrics().get(i));
      Curve curve = Curve.of(data.evaluations(), metric);
      if (!curve.isEmpty()) {
        String colour = chart.metrics().size() == 1 ? "held-out" : COLOURS.get(Math.min(i, 1));
        series.add(series(metric, colour, "dots"));
        tables.add(table(List.of(curve.at(Thinning.rows(List.of(curve), Thinning.BUCKETS)))));
      }
    }
  }

  private static ArrayNode range(Core core) {
    return JSON.arrayNode().add(core.low()).add(core.high());
  }

  private static ObjectNode series(String label, String colour, String kind) {
    return JSON.objectNode().put("label", label).put("colour", colour).put("kind", kind);
  }

  private static ArrayNode table(List<Curve> curves) {
    ArrayNode table = JSON.arrayNode();
    int rows = curves.get(0).size();
    table.add(column(rows, curves.get(0)::step));
    curves.forEach(curve -> table.add(column(rows, curve::value)));
    return table;
  }

  private static ArrayNode column(int rows, IntToDoubleFunction values) {
    ArrayNode column = JSON.arrayNode();
    for (int row = 0; row < rows; row++) {
      double value = values.applyAsDouble(row);
      if (Double.isFinite(value)) {
        column.add(new BigDecimal(Numbers.rounded(value, DIGITS)));
      } else {
        column.addNull();
      }
    }
    return column;
  }
}
