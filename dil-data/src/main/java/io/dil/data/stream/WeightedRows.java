package io.dil.data.stream;

import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A data set seen {@code weight} times: as often as the whole part says, and then a share of its
 * rows as large as the fraction, drawn anew for every seed.
 */
final class WeightedRows implements Rows {
  private final Supplier<Rows> source;
  private final SeededRandom random;
  private int whole;
  private final double share;
  private @Nullable Rows open;
  private boolean sampling;

  WeightedRows(Supplier<Rows> source, double weight, SeededRandom random) {
    this.source = source;
    this.random = random;
    this.whole = (int) weight;
    this.share = weight - whole;
  }

  @Override
  public @Nullable FormattedRow next() throws IOException {
    while (true) {
      Rows rows = open;
      if (rows == null) {
        if (whole > 0) {
          whole--;
        } else if (share > 0 && !sampling) {
          sampling = true;
        } else {
          return null;
        }
        rows = source.get();
        open = rows;
      }
      FormattedRow row = rows.next();
      if (row == null) {
        close();
      } else if (!sampling || random.fraction() < share) {
        return row;
      }
    }
  }

  @Override
  public void close() throws IOException {
    Rows rows = open;
    open = null;
    if (rows != null) {
      rows.close();
    }
  }
}
