package io.dil.data.stream;

import io.dil.data.Drop;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many rows were left out, by reason. */
public final class DropCounts {
  private final EnumMap<Drop, Long> counts = new EnumMap<>(Drop.class);
  private @Nullable Map<String, Long> named;

  /** Starts at zero. */
  DropCounts() {}

  /** Continues from counts that were saved. */
  DropCounts(Map<String, Long> saved) {
    for (Drop drop : Drop.values()) {
      Long count = saved.get(drop.reason());
      if (count != null) {
        counts.put(drop, count);
      }
    }
  }

  void add(Drop drop) {
    counts.merge(drop, 1L, Long::sum);
    named = null;
  }

  /** Returns how many rows were left out for one reason. */
  public long of(Drop drop) {
    return counts.getOrDefault(drop, 0L);
  }

  /** Returns how many rows were left out in all. */
  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the counts by the reasons' names; those that are zero are missing. */
  public Map<String, Long> byReason() {
    // Asked for at every example, changed at few: kept until the next drop.
    Map<String, Long> result = named;
    if (result == null) {
      Map<String, Long> fresh = new LinkedHashMap<>();
      counts.forEach((drop, count) -> fresh.put(drop.reason(), count));
      result = Collections.unmodifiableMap(fresh);
      named = result;
    }
    return result;
  }

  @Override
  public String toString() {
    return byReason().toString();
  }
}
