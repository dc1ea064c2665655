package io.dil.data.stream;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a stream has come: all that is needed, with the same files and configuration, to go on
 * with the example after it.
 *
 * @param contentHash the {@link ExampleStream#contentHash} of the files; empty at the start
 * @param epoch the epoch that is being read, counted from 0
 * @param rows rows of this epoch that lie behind, those that were dropped included
 * @param examples examples that were handed out in all
 * @param dropped rows that were dropped in all, by reason
 */
public record DataPosition(
    String contentHash, int epoch, long rows, long examples, Map<String, Long> dropped) {
  /** Copies the counts, in the order of their reasons. */
  public DataPosition {
    dropped = Collections.unmodifiableMap(new TreeMap<>(dropped));
  }

  /** Returns the position before the first example. */
  public static DataPosition start() {
    return new DataPosition("", 0, 0, 0, Map.of());
  }
}
