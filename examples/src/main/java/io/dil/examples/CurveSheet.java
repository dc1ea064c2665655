package io.dil.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A sheet of small line charts, as SVG: a row a subject, a column a quantity. */
final class CurveSheet {
  private static final int WIDTH = 200;
  private static final int HEIGHT = 120;
  private static final int GAP = 28;
  private static final int LABEL = 34;

  /** Beyond this a curve leaves its panel: exponentials would flatten everything else. */
  private static final double LIMIT = 8;

  /** Colour-blind safe, and apart in grey: the other log-ratio at -1, 0, 1. */
  private static final String[] COLOURS = {"#0072b2", "#222222", "#d55e00"};

  private final String[] columns;
  private final int rows;
  private final List<String> shapes = new ArrayList<>();
  private int row;

  CurveSheet(int rows, String... columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /** Adds a row: for every column some curves, all over the same axis. */
  void row(String title, List<List<double[]>> panels) {
    int top = 60 + row * (HEIGHT + LABEL);
    shapes.add(format("<text x=\"%d\" y=\"%d\" class=\"title\">%s</text>", GAP, top - 6, title));
    for (int column = 0; column < panels.size(); column++) {
      panel(GAP + column * (WIDTH + GAP), top, panels.get(column));
    }
    row++;
  }

  private void panel(int left, int top, List<double[]> curves) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] curve : curves) {
      for (double value : curve) {
        double shown = Math.max(-LIMIT, Math.min(LIMIT, value));
        low = Math.min(low, shown);
        high = Math.max(high, shown);
      }
    }
    double margin = Math.max(0.05, 0.05 * (high - low));
    low -= margin;
    high += margin;
    shapes.add(
        format(
            "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><rect width=\"%d\" height=\"%d\" class=\"frame\"/>",
            left, top, WIDTH, HEIGHT, WIDTH, HEIGHT));
    shapes.add(line(WIDTH / 2.0, 0, WIDTH / 2.0, HEIGHT));
    if (low < 0 && high > 0) {
      double zero = y(0, low, high);
      shapes.add(line(0, zero, WIDTH, zero));
    }
    for (int i = 0; i < curves.size(); i++) {
      shapes.add(polyline(curves.get(i), low, high, COLOURS[i % COLOURS.length]));
    }
    shapes.add(format("<text x=\"3\" y=\"11\">%.2f</text>", high));
    shapes.add(format("<text x=\"3\" y=\"%d\">%.2f</text></svg>", HEIGHT - 4, low));
  }

  private static String polyline(double[] curve, double low, double high, String colour) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < curve.length; i++) {
      double x = WIDTH * i / (curve.length - 1.0);
      // Far outside is outside: the inner svg clips, and the numbers stay short.
      double y = Math.max(-HEIGHT, Math.min(2 * HEIGHT, y(curve[i], low, high)));
      points.append(format("%.1f,%.1f ", x, y));
    }
    return format("<polyline stroke=\"%s\" points=\"%s\"/>", colour, points.toString().trim());
  }

  private static double y(double value, double low, double high) {
    return HEIGHT * (high - value) / (high - low);
  }

  private static String line(double x1, double y1, double x2, double y2) {
    return format(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"axis\"/>", x1, y1, x2, y2);
  }

  /** Returns the picture; {@code reach} is where the axis ends on either side. */
  String svg(double reach) {
    int width = GAP + columns.length * (WIDTH + GAP);
    int height = 60 + rows * (HEIGHT + LABEL);
    StringBuilder out = new StringBuilder();
    out.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
            width, height, width, height));
    out.append(
        "<style>text{font:10px sans-serif;fill:#555}.title{font-size:12px;font-weight:bold;fill:#222}"
            + ".frame{fill:#fff;stroke:#bbb}.axis{stroke:#ddd}polyline{fill:none;stroke-width:1.4}</style>\n");
    out.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    out.append(
        format(
            "<text x=\"%d\" y=\"16\">axis from %.0f to %.0f; the other response at"
                + " <tspan fill=\"%s\">-1</tspan>, <tspan fill=\"%s\">0</tspan>, <tspan fill=\"%s\">1</tspan></text>\n",
            GAP, -reach, reach, COLOURS[0], COLOURS[1], COLOURS[2]));
    for (int column = 0; column < columns.length; column++) {
      out.append(
          format(
              "<text x=\"%d\" y=\"34\" class=\"title\">%s</text>\n",
              GAP + column * (WIDTH + GAP), columns[column]));
    }
    shapes.forEach(shape -> out.append(shape).append('\n'));
    return out.append("</svg>\n").toString();
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
