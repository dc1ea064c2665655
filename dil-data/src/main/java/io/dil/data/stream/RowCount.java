package io.dil.data.stream;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Counts rows without decoding them, which takes as long as reading the files does. */
public final class RowCount {
  private RowCount() {}

  /**
   * Returns the rows of a configuration's first epoch, those that will be dropped included.
   *
   * @param between is called before every row, to leave early by an exception
   * @throws io.dil.core.InputException if a file cannot be read
   */
  public static long of(DataConfig config, Runnable between) {
    long count = 0;
    try (Rows rows = new DataFiles(config, DataShare.NONE).epoch(0)) {
      between.run();
      while (rows.next() != null) {
        between.run();
        count++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return count;
  }
}
