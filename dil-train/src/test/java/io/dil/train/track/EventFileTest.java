package io.dil.train.track;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Event files have the bytes that TensorBoard's own writer makes ({@code
 * dil-train/src/test/python/tensorboard_events.py} wrote them).
 */
class EventFileTest {
  private static final double START = 1700000000;

  @TempDir Path folder;

  private static byte[] golden() throws IOException {
    String text = Files.readString(Path.of("src/test/resources/track/events.hex"));
    return HexFormat.of().parseHex(text.lines().skip(1).findFirst().orElseThrow());
  }

  private static void fill(EventFile file, int from) throws IOException {
    Map<String, Double> step = new LinkedHashMap<>();
    step.put("train/loss", 0.5);
    step.put("train/rewards/margins", -1e-3);
    step.put("train/epoch", 0.0);
    Map<String, Double> extremes = new LinkedHashMap<>();
    extremes.put("train/loss", 1e-30);
    extremes.put("train/größe", 3.4028234663852886e38);
    if (from < 1) {
      file.append(START + 0.25, 0, Map.of("eval/loss", 0.6931471805599453));
    }
    if (from < 2) {
      file.append(START + 1.5, 1, step);
    }
    file.append(START + 2, 300, extremes);
    file.append(START + 3, 5_000_000_000L, Map.of("train/num_tokens", 123456789.0));
  }

  @Test
  void hasTheBytesOfTensorBoardsWriter() throws IOException {
    Path path = folder.resolve("events");
    try (EventFile file = EventFile.open(path, 0, START)) {
      fill(file, 0);
    }
    assertArrayEquals(golden(), Files.readAllBytes(path));
  }

  @Test
  void isCutAfterTheEventsThatStay() throws IOException {
    Path path = folder.resolve("events");
    Files.write(path, golden());
    try (EventFile file = EventFile.open(path, 2, 0)) {
      assertEquals(2, file.events());
      fill(file, 2);
    }
    assertArrayEquals(golden(), Files.readAllBytes(path));
  }

  @Test
  void isCutWhereItIsDamaged() throws IOException {
    Path path = folder.resolve("events");
    byte[] golden = golden();
    // A flipped bit of the last event, and an end that a full disk cut off.
    for (int kind = 0; kind < 2; kind++) {
      byte[] damaged = kind == 0 ? golden.clone() : Arrays.copyOf(golden, golden.length - 3);
      damaged[golden.length - 10] ^= kind == 0 ? 1 : 0;
      Files.write(path, damaged);
      try (EventFile file = EventFile.open(path, 9, 0)) {
        assertEquals(3, file.events());
        file.append(START + 3, 5_000_000_000L, Map.of("train/num_tokens", 123456789.0));
      }
      assertArrayEquals(golden, Files.readAllBytes(path));
    }
  }
}
