package io.dil.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A file from the internet is not trusted: every lie in a header is an error that says what is
 * wrong.
 */
class SafetensorsTest {
  private static final String GOOD =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
          + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]}}";

  @TempDir Path folder;

  @Test
  void readsWhatItWrites() throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    SafetensorsWriter.write(
        file,
        List.of(
            SafetensorsWriter.Tensor.of(
                "x", StorageType.F32, List.of(2L, 1L), () -> ByteBuffer.wrap(bytes)),
            SafetensorsWriter.Tensor.of(
                "empty", StorageType.F16, List.of(0L, 3L), () -> ByteBuffer.allocate(0))),
        Map.of("format", "pt"));
    SafetensorsHeader header = SafetensorsHeader.read(file);
    assertEquals(Map.of("format", "pt"), header.metadata());
    TensorEntry x = header.entries().get("x");
    assertEquals(List.of(2L, 1L), x.shape());
    assertEquals(2, x.size());
    assertEquals(0, x.begin() % 8, "data must be aligned");
    byte[] all = Files.readAllBytes(file);
    assertEquals(5, all[(int) x.begin() + 4]);
    assertEquals(0, header.entries().get("empty").size());
  }

  @Test
  void aGoodHeaderIsRead() throws IOException {
    assertEquals(2, SafetensorsHeader.read(file(GOOD, 12)).entries().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[2],`data_offsets`:[0,8]|[3],`data_offsets`:[0,8]|takes 12 bytes",
        "[0,8]|[0,4]|takes 8 bytes",
        "[8,12]|[4,8]|overlaps",
        "[8,12]|[9,13]|must lie within",
        "[8,12]|[-4,0]|must lie within",
        "[8,12]|[12,8]|must lie within",
        "[8,12]|[8]|two integers",
        "[8,12]|[8,9223372036854775807]|must lie within",
        "`F32`|`F33`|dtype must be one of",
        "[1,2]|[1,-2]|dimensions must be integers >= 0",
        "[1,2]|[4611686018427387904,4611686018427387904]|overflows",
        "[1,2]|{}|shape must be an array",
        "`b`|`a`|Duplicate field",
        "`b`:|`b`;|not valid JSON",
      })
  void everyLieIsRefused(String from, String to, String says) throws IOException {
    String header = GOOD.replace(from.replace('`', '"'), to.replace('`', '"'));
    refuses(file(header, 12), says);
  }

  @Test
  void gapsAreRefused() throws IOException {
    refuses(file(GOOD.replace("[8,12]", "[10,14]"), 14), "there is a gap before it");
  }

  @Test
  void bytesBehindTheLastTensorAreRefused() throws IOException {
    refuses(file(GOOD, 20), "may be damaged");
  }

  @Test
  void aCutFileIsRefused() throws IOException {
    Path whole = file(GOOD, 12);
    byte[] bytes = Files.readAllBytes(whole);
    for (int length : new int[] {0, 7, 8, 20, bytes.length - 1}) {
      Path cut = folder.resolve("cut-" + length);
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertThrows(InputException.class, () -> SafetensorsHeader.read(cut));
    }
  }

  @Test
  void aHeaderOfATerabyteIsRefusedWithoutReadingIt() throws IOException {
    Path file = folder.resolve("huge");
    Files.write(
        file, ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40).array());
    refuses(file, "header length must lie in");
    Files.write(file, ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(-1).array());
    refuses(file, "got 18446744073709551615");
  }

  @Test
  void aHeaderThatIsNotUtf8IsRefused() throws IOException {
    Path file = file(GOOD, 12);
    byte[] bytes = Files.readAllBytes(file);
    bytes[10] = (byte) 0xff;
    Files.write(file, bytes);
    refuses(file, "not UTF-8");
  }

  @Test
  void mutatedFilesNeverCrash() throws IOException {
    byte[] good = Files.readAllBytes(file(GOOD, 12));
    Random random = new Random(1);
    Path file = folder.resolve("mutated");
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      try {
        SafetensorsHeader.read(file);
      } catch (InputException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "most mutations hit the header, got " + refused + " refused");
  }

  @Test
  void shardsMustBePlainNames() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    for (String shard : List.of("../secret.safetensors", "/etc/x", "a/b", "")) {
      Files.writeString(
          folder.resolve(ModelFolder.INDEX_FILE), "{\"weight_map\":{\"a\":\"" + shard + "\"}}");
      InputException error = assertThrows(InputException.class, () -> ModelFolder.open(folder));
      assertTrue(error.getMessage().contains("plain file name"), error::getMessage);
    }
  }

  @Test
  void whatTheIndexPromisesMustBeThere() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.move(file(GOOD, 12), folder.resolve("one.safetensors"));
    Files.writeString(
        folder.resolve(ModelFolder.INDEX_FILE),
        "{\"weight_map\":{\"a\":\"one.safetensors\",\"c\":\"one.safetensors\"}}");
    InputException error = assertThrows(InputException.class, () -> ModelFolder.open(folder));
    assertTrue(error.getMessage().contains("'c' that the index promises"), error::getMessage);
  }

  private void refuses(Path file, String says) {
    InputException error = assertThrows(InputException.class, () -> SafetensorsHeader.read(file));
    assertTrue(error.getMessage().contains(says), error::getMessage);
    assertTrue(error.getMessage().startsWith(file.toString()), error::getMessage);
    assertEquals(1, error.getMessage().lines().count());
  }

  private Path file(String header, int data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    Path file = folder.resolve("made.safetensors");
    Files.write(file, bytes.array());
    return file;
  }
}
