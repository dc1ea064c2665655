package io.dil.train.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Intervals of test metrics, beside what is known of normal numbers. */
class BootstrapTest {
  private static final int PAIRS = 400;

  @TempDir private Path folder;

  /** Returns scores whose chosen responses moved by given numbers, the rejected not at all. */
  private TestScores moved(String name, double[] by) throws IOException {
    StringBuilder start = new StringBuilder();
    StringBuilder end = new StringBuilder();
    String line =
        "{\"chosen\":{\"tokens\":%d,\"logp\":%s},\"rejected\":{\"tokens\":5,\"logp\":-9}}\n";
    for (int i = 0; i < by.length; i++) {
      int tokens = i % 2 == 0 ? 4 : 8;
      start.append(line.formatted(tokens, -10.0));
      end.append(line.formatted(tokens, -10 + by[i]));
    }
    Path before = folder.resolve(name + "-start.jsonl");
    Path after = folder.resolve(name + ".jsonl");
    Files.writeString(before, start);
    Files.writeString(after, end);
    return TestScores.of(before, after);
  }

  private static double[] normal(long seed) {
    Random random = new Random(seed);
    double[] values = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      values[i] = 1 + random.nextGaussian();
    }
    return values;
  }

  @Test
  void theIntervalOfAMeanIsThatOfItsStandardError() throws IOException {
    double[] by = normal(3);
    Map<String, Bootstrap.Interval> intervals =
        Bootstrap.intervals(new Bootstrap(PAIRS).values(List.of(moved("one", by))));
    double mean = 0;
    double squares = 0;
    for (double value : by) {
      mean += value / PAIRS;
    }
    for (double value : by) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / (PAIRS - 1) / PAIRS);
    Bootstrap.Interval drift = intervals.get("chosen_drift");
    // 2000 draws know an end to a few per cent of the interval.
    assertEquals(mean - 1.96 * error, drift.low(), 0.15 * error);
    assertEquals(mean + 1.96 * error, drift.high(), 0.15 * error);
    assertFalse(intervals.containsKey("pairs"), "a count has no interval");
  }

  /** Two methods that differ by the same on every pair differ by that, whatever the pairs. */
  @Test
  void differencesArePaired() throws IOException {
    double[] by = normal(4);
    double[] more = by.clone();
    for (int i = 0; i < PAIRS; i++) {
      more[i] += 0.25;
    }
    Bootstrap bootstrap = new Bootstrap(PAIRS);
    Map<String, Bootstrap.Interval> differences =
        Bootstrap.differences(
            bootstrap.values(List.of(moved("more", more))),
            bootstrap.values(List.of(moved("less", by))));
    assertEquals(0.25, differences.get("chosen_drift").low(), 1e-9);
    assertEquals(0.25, differences.get("chosen_drift").high(), 1e-9);
  }

  @Test
  void aMethodIsTheMeanOfItsSeeds() throws IOException {
    double[] up = new double[PAIRS];
    double[] down = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      up[i] = i % 7;
      down[i] = -(i % 7);
    }
    Map<String, Bootstrap.Interval> intervals =
        Bootstrap.intervals(
            new Bootstrap(PAIRS).values(List.of(moved("up", up), moved("down", down))));
    assertEquals(0, intervals.get("chosen_drift").low(), 1e-9);
    assertEquals(0, intervals.get("chosen_drift").high(), 1e-9);
  }
}
