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
 * tables, steps left out, match the series in order. A series is {@code {"label", "colour", "kind",
 * "last"}}: the page's list of keys is made of the same ({@link Key}). A chart with a {@link Core}
 * has {@code "core": [low, high]} as well.
 */
final class ChartJson {

  /** Digits that a screen can tell apart, and some to zoom in on. */
  private static final int DIGITS = 7;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

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
    node.put("title", chart.title()).put("unit", chart.unit());
    node.put("scale", chart.scale().name());
    core.ifPresent(shown -> node.set("core", range(shown)));
    node.set("tables", tables);
    node.set("series", series);
    return node;
  }

  private static void training(
      Chart chart, ReportData data, Optional<Core> core, ArrayNode series, ArrayNode tables) {
    List<Curve> measured = new ArrayList<>();
    List<Curve> drawn = new ArrayList<>();
    for (Key key : Key.of(chart, data)) {
      if (key.kind() == Key.Kind.HELD_OUT) {
        continue;
      }
      Curve curve = Curve.of(data.steps(), key.metric());
      if (key.kind() == Key.Kind.MEAN) {
        Curve shown = core.map(range -> curve.within(range.low(), range.high())).orElse(curve);
        drawn.add(shown.smoothed(Curve.window(data.steps().size())));
      } else {
        measured.add(curve);
        drawn.add(curve);
      }
      series.add(key.toJson());
    }
    if (!drawn.isEmpty()) {
      // Only what was measured decides which steps are drawn: means have no spikes to lose.
      int[] rows = Thinning.rows(measured, Thinning.BUCKETS);
      tables.add(table(drawn.stream().map(curve -> curve.at(rows)).toList()));
    }
  }

  private static void heldOut(Chart chart, ReportData data, ArrayNode series, ArrayNode tables) {
    for (Key key : Key.of(chart, data)) {
      if (key.kind() == Key.Kind.HELD_OUT) {
        Curve curve = Curve.of(data.evaluations(), key.metric());
        series.add(key.toJson());
        tables.add(table(List.of(curve.at(Thinning.rows(List.of(curve), Thinning.BUCKETS)))));
      }
    }
  }

  private static ArrayNode range(Core core) {
    return JSON.arrayNode().add(core.low()).add(core.high());
  }

  static ArrayNode table(List<Curve> curves) {
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
