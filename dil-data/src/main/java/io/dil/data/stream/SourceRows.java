package io.dil.data.stream;

import io.dil.data.format.RowFormat;
import io.dil.data.source.Containers;
import io.dil.data.source.DataFile;
import io.dil.data.source.Row;
import io.dil.data.source.RowReader;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one data set in the order of its files, less those before {@code skip} and after
 * {@code take}.
 */
final class SourceRows implements Rows {
  private final List<DataFile> files;
  private final RowFormat format;
  private final DataShare share;
  private final long skip;
  private long left;
  private int file;
  private @Nullable RowReader open;
  private boolean started;

  SourceRows(List<DataFile> files, RowFormat format, DataShare share, long skip, long take) {
    this.files = files;
    this.format = format;
    this.share = share;
    this.skip = skip;
    this.left = take;
  }

  @Override
  public @Nullable FormattedRow next() throws IOException {
    if (!started) {
      started = true;
      for (long i = 0; i < skip; i++) {
        if (row() == null) {
          return null;
        }
      }
    }
    if (left == 0) {
      return null;
    }
    Row row = row();
    if (row == null) {
      return null;
    }
    left--;
    return new FormattedRow(row, format);
  }

  private @Nullable Row row() throws IOException {
    while (true) {
      RowReader reader = open;
      if (reader == null) {
        if (file == files.size()) {
          return null;
        }
        reader = Containers.open(files.get(file), share::owns, share::ownsRow);
        file++;
        open = reader;
      }
      Row row = reader.next();
      if (row != null) {
        return row;
      }
      close();
    }
  }

  @Override
  public void close() throws IOException {
    RowReader reader = open;
    open = null;
    if (reader != null) {
      reader.close();
    }
  }
}
