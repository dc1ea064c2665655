package io.dil.train.report;

import java.io.IOException;
import java.util.Optional;

/**
 * What a page needs so that its charts are drawn: uPlot, inlined, where the class path has it. It
 * is an optional dependency; without it a page has the figures of its charts but not their lines,
 * and says so.
 *
 * @param uplot the library; empty where the class path does not have it
 */
record Drawing(Optional<Webjar> uplot) {
  private static final String SCRIPT = "/io/dil/train/report/report.js";

  /** Looks for the library. */
  static Drawing find() throws IOException {
    return new Drawing(Webjar.find("uplot"));
  }

  /** Returns the library's style sheet. */
  String style() throws IOException {
    return uplot.isPresent() ? uplot.get().read("dist/uPlot.min.css") : "";
  }

  /** Returns the sentence of the footer that names the library. */
  String credit() {
    return uplot
        .map(jar -> " Charts by uPlot " + Escape.html(jar.version()) + " (MIT).")
        .orElse("");
  }

  /** Returns what a reader is told where nothing is drawn. */
  String notice() {
    return uplot.isPresent()
        ? "<noscript><p class=\"warning\">The charts need JavaScript; figures, answers and settings do"
            + " not.</p></noscript>"
        : "<p class=\"warning\">The charts' lines are not drawn: the class path had no"
            + " org.webjars.npm:uplot when this page was written.</p>";
  }

  /**
   * Returns the elements at the end of a page that draw its charts.
   *
   * @param charts JSON as {@link ChartJson} has it, a chart a figure of the page
   */
  String scripts(String charts) throws IOException {
    String data =
        "<script type=\"application/json\" id=\"charts\">" + Escape.json(charts) + "</script>\n";
    if (uplot.isEmpty()) {
      return data;
    }
    return data
        + "<script>\n/*\n"
        + uplot.get().read("LICENSE")
        + "\n*/\n"
        + uplot.get().read("dist/uPlot.iife.min.js")
        + "\n</script>\n<script>\n"
        + Webjar.resource(SCRIPT)
        + "\n</script>";
  }
}
