package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.format.Formats;
import io.dil.data.format.RowException;
import io.dil.data.format.RowFormat;
import io.dil.data.source.Row;
import io.dil.data.source.RowElsewhere;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A sequence of rows, each with the format that reads it. */
interface Rows extends Closeable {
  /** Returns the next row, or null after the last. */
  @Nullable FormattedRow next() throws IOException;

  @Override
  void close() throws IOException;

  /**
   * A row and the layout of its columns.
   *
   * @param row the row, undecoded
   * @param format its layout
   */
  record FormattedRow(Row row, RowFormat format) {
    /** Returns whether this process has the row's content. */
    boolean isHere() {
      return !(row instanceof RowElsewhere);
    }

    /**
     * Decodes the row.
     *
     * @throws InputException if it is malformed, with its place in front
     */
    Parsed read() {
      try {
        return format.read(row.id(), row.columns());
      } catch (RowException e) {
        throw new InputException(row.place() + ": " + e.getMessage(), e);
      }
    }

    /**
     * Returns the row's pair with what its column {@code margin} says.
     *
     * @throws InputException if that is not a number, with its place in front
     */
    PreferencePair withMargin(PreferencePair pair) {
      try {
        double margin = Formats.margin(format, row.columns());
        return margin == 0 ? pair : pair.withMargin(margin);
      } catch (RowException e) {
        throw new InputException(row.place() + ": " + e.getMessage(), e);
      }
    }
  }
}
