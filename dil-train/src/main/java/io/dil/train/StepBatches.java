package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts an epoch into the examples of its steps. The last step has what is left; where a loss needs
 * other examples beside each (KTO's estimate of the KL divergence), a rest of one joins the step
 * before it.
 */
final class StepBatches {
  private final ExampleStream stream;
  private final int size;
  private final boolean joins;
  private @Nullable TokenizedExample carried;
  private DataPosition position;

  StepBatches(ExampleStream stream, int size, boolean joins) {
    this.stream = stream;
    this.size = size;
    this.joins = joins;
    this.position = stream.position();
  }

  /** Returns how many steps an epoch of {@code examples} is cut into. */
  static long count(long examples, int size, boolean joins) {
    long steps = (examples + size - 1) / size;
    return joins && steps > 1 && examples % size == 1 ? steps - 1 : steps;
  }

  /** Returns the next step's examples; empty after the last. */
  List<TokenizedExample> next() {
    List<TokenizedExample> batch = new ArrayList<>();
    TokenizedExample first = carried;
    if (first != null) {
      batch.add(first);
      carried = null;
    }
    while (batch.size() < size && stream.hasNext()) {
      batch.add(stream.next());
    }
    position = stream.position();
    if (joins && batch.size() == size && stream.hasNext()) {
      TokenizedExample one = stream.next();
      if (stream.hasNext()) {
        carried = one;
      } else {
        batch.add(one);
        position = stream.position();
      }
    }
    return batch;
  }

  /** Returns where the data goes on after the examples that {@link #next} returned last. */
  DataPosition position() {
    return position;
  }
}
