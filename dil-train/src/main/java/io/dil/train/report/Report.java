package io.dil.train.report;

import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes the report of a run: one HTML file with everything in it.
 *
 * <p>It opens offline in any browser, fetches nothing (its own content policy forbids it), follows
 * the reader's light or dark setting, and shows text and figures even where scripts are off. Text
 * from the data, such as a generation or a setting, can never become markup or script.
 */
public final class Report {

  private Report() {}

  /**
   * Writes the report, whole or not at all: a reader never sees half of one, and an error leaves
   * what was there before.
   *
   * @param file where to write; its folder must exist
   * @throws IOException if the file or one beside it cannot be written
   */
  public static void write(Path file, ReportData data) throws IOException {
    AtomicFile.write(file, html(data).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns the report as text.
   *
   * @throws IOException if a part of the page is not on the class path
   */
  public static String html(ReportData data) throws IOException {
    return Page.of(data);
  }
}
