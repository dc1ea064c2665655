package io.dil.data.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several data sets interleaved. The next row comes from one of those that are not finished, drawn
 * in proportion to how much each has in all, so that they end at about the same time.
 */
final class MixedRows implements Rows {
  private final List<Rows> sources;
  private final List<Double> amounts;
  private final SeededRandom random;

  /**
   * Mixes data sets.
   *
   * @param sources the data sets
   * @param amounts how much each has: weight times bytes
   * @param random what the drawing depends on
   */
  MixedRows(List<Rows> sources, List<Double> amounts, SeededRandom random) {
    this.sources = new ArrayList<>(sources);
    this.amounts = new ArrayList<>(amounts);
    this.random = random;
  }

  @Override
  public @Nullable FormattedRow next() throws IOException {
    while (!sources.isEmpty()) {
      int i = sources.size() == 1 ? 0 : draw();
      FormattedRow row = sources.get(i).next();
      if (row != null) {
        return row;
      }
      sources.get(i).close();
      sources.remove(i);
      amounts.remove(i);
    }
    return null;
  }

  private int draw() {
    double total = 0;
    for (double amount : amounts) {
      total += amount;
    }
    double at = random.fraction() * total;
    int i = 0;
    while (i < amounts.size() - 1 && at >= amounts.get(i)) {
      at -= amounts.get(i);
      i++;
    }
    return i;
  }

  @Override
  public void close() throws IOException {
    for (Rows source : sources) {
      source.close();
    }
  }
}
