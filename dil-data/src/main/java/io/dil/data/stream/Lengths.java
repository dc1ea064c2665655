package io.dil.data.stream;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts lengths, and answers exactly how they are distributed. */
public final class Lengths {
  private long[] counts = new long[256];
  private long number;
  private long sum;
  private int longest;

  void add(int length) {
    if (length >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(length + 1, 2 * counts.length));
    }
    counts[length]++;
    number++;
    sum += length;
    longest = Math.max(longest, length);
  }

  /** Returns how many lengths were counted. */
  public long number() {
    return number;
  }

  /** Returns the mean; 0 if nothing was counted. */
  public double mean() {
    return number == 0 ? 0 : (double) sum / number;
  }

  /** Returns the greatest length. */
  public int longest() {
    return longest;
  }

  /** Returns the least length that at least {@code percent} of 100 do not exceed (nearest rank). */
  public int percentile(int percent) {
    long rank = Math.max(1, (long) Math.ceil(number * percent / 100.0));
    long below = 0;
    for (int length = 0; length <= longest; length++) {
      below += counts[length];
      if (below >= rank) {
        return length;
      }
    }
    return longest;
  }

  /** Returns how many lengths fall into each of {@code bins} equal steps from 0 to the longest. */
  public long[] histogram(int bins) {
    long[] bars = new long[bins];
    for (int length = 0; length <= longest; length++) {
      bars[(int) ((long) length * bins / (longest + 1L))] += counts[length];
    }
    return bars;
  }

  /** Returns mean, percentiles and maximum by name. */
  public Map<String, Number> summary() {
    Map<String, Number> summary = new LinkedHashMap<>();
    summary.put("mean", Math.round(mean() * 100) / 100.0);
    for (int percent : new int[] {50, 90, 95, 99}) {
      summary.put("p" + percent, percentile(percent));
    }
    summary.put("max", longest);
    return summary;
  }
}
