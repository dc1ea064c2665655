package io.dil.train.cli;

import io.dil.data.format.Formats;
import io.dil.data.source.DataSpec;
import java.io.PrintWriter;

/** Says which format was guessed for a data set, so that a wrong guess is seen. */
final class GuessedFormat {
  private GuessedFormat() {}

  /**
   * Prints the format, if the data set's name asked for a guess.
   *
   * @param name what was asked for, FORMAT:PLACE
   * @param spec what it was read as
   */
  static void tell(String name, DataSpec spec, PrintWriter out) {
    if (name.startsWith(Formats.AUTO + ":")) {
      out.println("format: " + spec.format().name() + ", guessed from the first row's columns");
      out.flush();
    }
  }
}
