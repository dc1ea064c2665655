package io.dil.data.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows in random order within bounded memory: a buffer is kept full, and the next row is drawn from
 * it. If all rows fit, every order is equally likely.
 */
final class ShuffledRows implements Rows {
  private final Rows rows;
  private final int size;
  private final SeededRandom random;
  private final List<FormattedRow> buffer = new ArrayList<>();
  private boolean exhausted;

  ShuffledRows(Rows rows, int size, SeededRandom random) {
    this.rows = rows;
    this.size = size;
    this.random = random;
  }

  @Override
  public @Nullable FormattedRow next() throws IOException {
    while (!exhausted && buffer.size() < size) {
      FormattedRow row = rows.next();
      if (row == null) {
        exhausted = true;
      } else {
        buffer.add(row);
      }
    }
    if (buffer.isEmpty()) {
      return null;
    }
    // The drawn row's place is taken by the last one; the order within the buffer has no meaning.
    int drawn = random.below(buffer.size());
    FormattedRow row = buffer.get(drawn);
    FormattedRow last = buffer.remove(buffer.size() - 1);
    if (drawn < buffer.size()) {
      buffer.set(drawn, last);
    }
    return row;
  }

  @Override
  public void close() throws IOException {
    buffer.clear();
    rows.close();
  }
}
