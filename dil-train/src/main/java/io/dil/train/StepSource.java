package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import java.util.List;
import java.util.Map;

/** Where the examples of a run's steps come from: the data, or the policy's own answers to it. */
interface StepSource extends AutoCloseable {
  /** Returns the next step's examples; at least one. */
  List<TokenizedExample> next();

  /** Returns where the data goes on after what {@link #next} returned last. */
  DataPosition position();

  /** Returns the examples that are there already for the steps after it. */
  default List<TokenizedExample> pending() {
    return List.of();
  }

  /** Returns what the line of that step says beside the step's own metrics. */
  default Map<String, Double> metrics() {
    return Map.of();
  }

  @Override
  void close();
}
