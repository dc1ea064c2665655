package io.dil.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that pyarrow wrote, against the same rows as JSON lines: src/test/python/make_parquet.py.
 */
final class ParquetReaderTest {
  private static Path resource(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(ParquetReaderTest.class.getResource("/parquet/" + name)).toURI());
  }

  private static List<Row> rows(Path file) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (RowReader reader = Containers.open(DataFile.of(file))) {
      for (Row row = reader.next(); row != null; row = reader.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none.parquet",
        "snappy.parquet",
        "gzip.parquet",
        "zstd.parquet",
        "pages-v2.parquet",
        "delta.parquet"
      })
  void readsTheSameRowsAsJson(String name) throws Exception {
    JsonMapper json = new JsonMapper();
    List<JsonNode> expected = new ArrayList<>();
    for (String line : Files.readAllLines(resource("rows.jsonl"))) {
      expected.add(json.readTree(line));
    }
    List<JsonNode> actual = new ArrayList<>();
    for (Row row : rows(resource(name))) {
      actual.add(row.columns());
    }
    assertEquals(expected, actual);
  }

  @Test
  void namesRowGroupAndRow() throws Exception {
    Path file = resource("zstd.parquet");
    Row row = rows(file).get(28);
    // Row groups hold 13 rows: row 28 is the third of the third.
    assertEquals(file + ":row group 2, row 2", row.place());
    assertEquals("zstd.parquet:28", row.id());
  }

  @Test
  void refusesAFileThatWasCutOrChanged(@TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(resource("zstd.parquet"));
    Path cut = folder.resolve("cut.parquet");
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    InputException error = assertThrows(InputException.class, () -> rows(cut));
    assertTrue(error.getMessage().startsWith(cut + ": not a Parquet file: "), error::getMessage);
    Path changed = folder.resolve("changed.parquet");
    whole[whole.length / 4] ^= 0x55;
    whole[whole.length / 4 + 1] ^= 0x55;
    Files.write(changed, whole);
    InputException damage = assertThrows(InputException.class, () -> rows(changed));
    assertTrue(damage.getMessage().startsWith(changed + ":row group "), damage::getMessage);
  }
}
