package io.dil.data.stream;

import io.dil.data.Parsed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a configuration's first epoch as text, in order: for looking at, not for training.
 */
public final class ExampleReader implements Iterator<Parsed>, AutoCloseable {
  private final Rows rows;
  private Rows.@Nullable FormattedRow pending;

  private ExampleReader(Rows rows) {
    this.rows = rows;
  }

  /** Opens the rows. */
  public static ExampleReader open(DataConfig config) {
    return new ExampleReader(new DataFiles(config).epoch(0));
  }

  @Override
  public boolean hasNext() {
    if (pending == null) {
      try {
        pending = rows.next();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return pending != null;
  }

  /**
   * Returns the next row's example, or why there is none.
   *
   * @throws io.dil.core.InputException if the row is malformed
   */
  @Override
  public Parsed next() {
    Rows.FormattedRow row = hasNext() ? pending : null;
    if (row == null) {
      throw new NoSuchElementException("the rows have ended");
    }
    pending = null;
    return row.read();
  }

  @Override
  public void close() {
    try {
      rows.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
