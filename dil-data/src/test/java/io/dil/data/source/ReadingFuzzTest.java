package io.dil.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import io.dil.core.InputException;
import io.dil.data.format.Formats;
import io.dil.data.format.RowException;
import io.dil.data.format.RowFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damaged files: every one is read, refused with an error that begins with its name, or gives rows
 * that are refused one by one. Nothing else may happen: no other exception, no hang.
 */
final class ReadingFuzzTest {
  private static final Duration LONGEST = Duration.ofSeconds(20);

  @TempDir private Path folder;

  private static byte[] lines() {
    StringBuilder out = new StringBuilder();
    for (RowFormat format : Formats.all()) {
      out.append(format.exampleRow()).append('\n');
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] seed(String kind) throws Exception {
    return switch (kind) {
      case "jsonl" -> lines();
      case "json" ->
          ("[" + new String(lines(), StandardCharsets.UTF_8).strip().replace("\n", ",\n") + "]")
              .getBytes(StandardCharsets.UTF_8);
      case "csv" ->
          "prompt,chosen,rejected\n\"a, \"\"b\"\"\",ü€,\"x\ny\"\n1,2,3\n"
              .getBytes(StandardCharsets.UTF_8);
      case "gz" -> {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(lines());
        }
        yield out.toByteArray();
      }
      case "zst" -> Zstd.compress(lines());
      default ->
          Files.readAllBytes(
              Path.of(
                  Objects.requireNonNull(
                          ReadingFuzzTest.class.getResource("/parquet/" + kind + ".parquet"))
                      .toURI()));
    };
  }

  /** Flips bits, sets bytes, cuts, repeats or inserts, up to four times. */
  private static byte[] mutated(byte[] seed, SplittableRandom random) {
    byte[] bytes = seed.clone();
    for (int times = random.nextInt(1, 5); times > 0 && bytes.length > 4; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x00);
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(1, 20), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, Math.max(length, 0));
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          longer[at] = (byte) "{}[]\",:\\u\n".charAt(random.nextInt(10));
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private static void read(Path file) throws Exception {
    try (RowReader rows = Containers.open(DataFile.of(file))) {
      for (Row row = rows.next(); row != null; row = rows.next()) {
        try {
          JsonNode columns = row.columns();
          String id = row.id();
          Formats.guess(columns).ifPresent(format -> format.read(id, columns));
        } catch (RowException e) {
          assertFalse(e.getMessage().isEmpty());
        } catch (InputException e) {
          assertTrue(e.getMessage().startsWith(row.place() + ": "), e.getMessage());
        }
      }
    } catch (InputException e) {
      assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
      assertEquals(1, e.getMessage().lines().count(), e::getMessage);
    }
  }

  private void fuzz(String kind, int cases) throws Exception {
    byte[] seed = seed(kind);
    Path file = folder.resolve("fuzz." + kind);
    for (int i = 0; i < cases; i++) {
      byte[] bytes = mutated(seed, new SplittableRandom(i));
      Files.write(file, bytes);
      int number = i;
      try {
        assertTimeoutPreemptively(LONGEST, () -> read(file));
      } catch (Throwable e) {
        fail(kind + " case " + number + ": " + e, e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"jsonl,300", "json,300", "csv,300", "gz,300", "zst,300", "zstd,100", "delta,100"})
  void aFewOfEach(String kind, int cases) throws Exception {
    fuzz(kind, cases);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "jsonl,20000",
    "json,20000",
    "csv,20000",
    "gz,15000",
    "zst,10000",
    "none,5000",
    "snappy,5000",
    "gzip,5000",
    "zstd,5000",
    "pages-v2,5000",
    "delta,5000"
  })
  void aHundredThousandAndMore(String kind, int cases) throws Exception {
    fuzz(kind, cases);
  }

  @Test
  void theSeedsThemselvesAreReadWhole() throws Exception {
    for (String kind : new String[] {"jsonl", "json", "gz", "zst"}) {
      Path file = Files.write(folder.resolve("seed." + kind), seed(kind));
      int rows = 0;
      try (RowReader reader = Containers.open(DataFile.of(file))) {
        for (Row row = reader.next(); row != null; row = reader.next()) {
          assertTrue(row.columns().isObject());
          rows++;
        }
      }
      assertEquals(Formats.all().size(), rows);
    }
  }
}
