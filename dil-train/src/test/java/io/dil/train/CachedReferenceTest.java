package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.train.reference.CachedReference;
import io.dil.train.reference.ScoreFile;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cached scores are the live ones, and nothing is taken for what it is not. */
class CachedReferenceTest {
  private static final TokenGroup PAIR =
      new TokenGroup(Tokens.of(1, 2), List.of(Tokens.of(3, 4), Tokens.of(5)));

  @TempDir Path folder;

  @Test
  void computesOnceAndKeeps() {
    AtomicInteger loads = new AtomicInteger();
    for (int run = 0; run < 2; run++) {
      try (CachedReference reference = open("m", loads)) {
        assertArrayEquals(new double[] {-0.5, -1.5}, reference.scores(List.of(PAIR)));
        assertArrayEquals(new double[] {-0.5, -1.5}, reference.scores(List.of(PAIR)));
      }
    }
    assertEquals(1, loads.get());
  }

  @Test
  void anotherBoundaryOrModelMisses() {
    AtomicInteger loads = new AtomicInteger();
    try (CachedReference reference = open("m", loads)) {
      reference.scores(List.of(PAIR));
      reference.release();
      reference.scores(List.of(new TokenGroup(Tokens.of(1, 2, 3), List.of(Tokens.of(4)))));
    }
    assertEquals(2, loads.get());
    try (CachedReference reference = open("other", loads)) {
      reference.scores(List.of(PAIR));
    }
    assertEquals(3, loads.get());
  }

  @Test
  void aTornRecordIsCutOff() throws IOException {
    AtomicInteger loads = new AtomicInteger();
    try (CachedReference reference = open("m", loads)) {
      reference.scores(List.of(PAIR));
    }
    Path file = folder.resolve("reference-m.scores");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
    try (CachedReference reference = open("m", loads)) {
      assertArrayEquals(new double[] {-0.5, -1.5}, reference.scores(List.of(PAIR)));
    }
    assertEquals(2, loads.get());
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void aFlippedBitIsNoticedAndThatScoreComputedAgain() throws IOException {
    AtomicInteger loads = new AtomicInteger();
    try (CachedReference reference = open("m", loads)) {
      reference.scores(List.of(PAIR));
    }
    Path file = folder.resolve("reference-m.scores");
    byte[] whole = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * whole.length; bit += 5) {
      byte[] bytes = whole.clone();
      bytes[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(file, bytes);
      try (ScoreFile scores = ScoreFile.open(folder, "m")) {
        assertEquals(bit < 64 ? 2 : 1, scores.damaged(), "bit " + bit);
        assertEquals(bit < 64 ? 0 : 1, scores.size(), "bit " + bit);
      }
      try (CachedReference reference = open("m", loads)) {
        assertArrayEquals(new double[] {-0.5, -1.5}, reference.scores(List.of(PAIR)));
      }
    }
  }

  @Test
  void theFingerprintCoversWeightsAndPrecision() throws IOException {
    Path weights = folder.resolve("w");
    Files.write(weights, new byte[] {1, 2, 3});
    String one = ScoreFile.fingerprint(List.of(weights), "FLOAT32");
    assertNotEquals(one, ScoreFile.fingerprint(List.of(weights), "BFLOAT16"));
    Files.write(weights, new byte[] {1, 2, 4});
    assertNotEquals(one, ScoreFile.fingerprint(List.of(weights), "FLOAT32"));
  }

  @Test
  void cachedRunsEqualLiveOnes() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "live");
    settings.put("eval_holdout", 0.05);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("cached").toString());
    settings.put("precompute_ref_log_probs", true);
    QuickRun.run(settings);
    List<Map<String, Double>> live = MetricsFile.read(folder.resolve("live/metrics.jsonl"));
    List<Map<String, Double>> cached = MetricsFile.read(folder.resolve("cached/metrics.jsonl"));
    assertEquals(live.size(), cached.size());
    for (int i = 0; i < live.size(); i++) {
      for (Map.Entry<String, Double> entry : live.get(i).entrySet()) {
        if (!entry.getKey().endsWith("accuracies")) {
          assertEquals(entry.getValue(), cached.get(i).get(entry.getKey()), 1e-4, entry.toString());
        }
      }
    }
    assertTrue(Files.isDirectory(folder.resolve("cached/reference")));
  }

  private CachedReference open(String model, AtomicInteger loads) {
    return new CachedReference(
        ScoreFile.open(folder, model),
        () -> {
          loads.incrementAndGet();
          return groups -> {
            double[] scores = new double[groups.stream().mapToInt(g -> g.responses().size()).sum()];
            for (int i = 0; i < scores.length; i++) {
              scores[i] = -0.5 - i;
            }
            return scores;
          };
        });
  }
}
