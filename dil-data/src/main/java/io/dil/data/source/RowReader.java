package io.dil.data.source;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads one file from its first row to its last. */
public interface RowReader extends Closeable {
  /** Returns the next row, or null after the last. */
  @Nullable Row next() throws IOException;

  /** Returns the line that has been reached, counted from 1, for errors of the file itself. */
  long line();
}
