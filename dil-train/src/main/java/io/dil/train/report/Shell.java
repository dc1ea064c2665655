package io.dil.train.report;

import java.io.IOException;

/** A page in the report's style: everything in one file, nothing fetched, light and dark. */
public final class Shell {
  private static final String FOLDER = "/io/dil/train/report/";

  private Shell() {}

  /**
   * Returns a page.
   *
   * @param title is escaped
   * @param body HTML; text from data must be escaped, see {@link #escaped}
   */
  public static String page(String title, String body) throws IOException {
    return whole(title, "", body, "");
  }

  /**
   * Returns a page with charts.
   *
   * @param charts JSON as {@link ChartJson} has it, a chart a figure of the body
   */
  static String withCharts(String title, String body, String charts) throws IOException {
    Drawing drawing = Drawing.find();
    return whole(
        title,
        drawing.style(),
        drawing.notice() + body + "<footer>Written by dil." + drawing.credit() + "</footer>",
        drawing.scripts(charts));
  }

  private static String whole(String title, String style, String body, String scripts)
      throws IOException {
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        + "<meta name=\"color-scheme\" content=\"light dark\">\n"
        + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
        + " 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>"
        + Escape.html(title)
        + "</title>\n<style>\n"
        + style
        + Webjar.resource(FOLDER + "report.css")
        + "</style>\n</head>\n<body>\n<main>\n"
        + body
        + "\n</main>\n"
        + scripts
        + "\n</body>\n</html>\n";
  }

  /** Returns text so that it reads as itself in a page. */
  public static String escaped(String text) {
    return Escape.html(text);
  }
}
