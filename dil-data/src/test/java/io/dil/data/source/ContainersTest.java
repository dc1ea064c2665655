package io.dil.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainersTest {
  private static final String LINES =
      "{\"a\":\"1\",\"b\":\"x, \\\"y\\\"\"}\n\n{\"a\":\"ü€𝄞\",\"b\":\"\"}\r\n{\"a\":\"3\",\"b\":\"line\\nbreak\"}";
  private static final String ARRAY =
      "[\n {\"a\":\"1\",\n  \"b\":\"x, \\\"y\\\"\"},\n {\"a\":\"ü€𝄞\",\"b\":\"\"},{\"a\":\"3\",\"b\":\"line\\nbreak\"}]\n";
  private static final String CSV = "a,b\n1,\"x, \"\"y\"\"\"\r\nü€𝄞,\n3,\"line\nbreak\"\n";

  @TempDir private Path folder;

  private Path write(String name, byte[] bytes) throws Exception {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] gzip(byte[] bytes) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
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

  private static String message(Path file) {
    return assertThrows(
            InputException.class,
            () -> {
              for (Row row : rows(file)) {
                row.columns();
              }
            })
        .getMessage();
  }

  @Test
  void everyContainerAndCompressionGivesTheSameRows() throws Exception {
    List<String> expected =
        List.of(
            "{\"a\":\"1\",\"b\":\"x, \\\"y\\\"\"}",
            "{\"a\":\"ü€𝄞\",\"b\":\"\"}",
            "{\"a\":\"3\",\"b\":\"line\\nbreak\"}");
    for (String[] container :
        new String[][] {{"x.jsonl", LINES}, {"x.json", ARRAY}, {"x.csv", CSV}}) {
      byte[] plain = container[1].getBytes(StandardCharsets.UTF_8);
      for (Path file :
          List.of(
              write(container[0], plain),
              write(container[0] + ".gz", gzip(plain)),
              write(container[0] + ".zst", Zstd.compress(plain)))) {
        List<String> actual = new ArrayList<>();
        for (Row row : rows(file)) {
          actual.add(row.columns().toString());
        }
        assertEquals(expected, actual, file::toString);
      }
    }
  }

  @Test
  void rowsKnowTheLineTheyBeginOn() throws Exception {
    Path lines = write("x.jsonl", LINES.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(lines + ":1", lines + ":3", lines + ":4"),
        rows(lines).stream().map(Row::place).toList());
    Path array = write("x.json", ARRAY.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of("x.json:2", "x.json:4", "x.json:4"), rows(array).stream().map(Row::id).toList());
    Path csv = write("x.csv", CSV.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of("x.csv:2", "x.csv:3", "x.csv:4"), rows(csv).stream().map(Row::id).toList());
  }

  @Test
  void aRowLongerThanTheReadersBlockIsWhole() throws Exception {
    String text = "x".repeat(300_000);
    Path file =
        write(
            "x.jsonl",
            ("{\"a\":\"" + text + "\"}\n{\"a\":\"b\"}").getBytes(StandardCharsets.UTF_8));
    List<Row> rows = rows(file);
    assertEquals(text, rows.get(0).columns().get("a").asText());
    assertEquals("b", rows.get(1).columns().get("a").asText());
  }

  @Test
  void saysWhatIsWrongAndWhere() throws Exception {
    Path empty = write("empty.jsonl", new byte[0]);
    assertEquals(empty + ": file must hold at least one row, got an empty file", message(empty));
    Path missing = folder.resolve("none.jsonl");
    assertEquals(missing + ": no such file", message(missing));
    byte[] gzip = gzip("{\"a\":\"1\"}\n".repeat(9000).getBytes(StandardCharsets.UTF_8));
    Path cut = write("cut.jsonl.gz", Arrays.copyOf(gzip, gzip.length / 2));
    assertTrue(
        message(cut).matches("(?s).*cut.jsonl.gz:\\d+: compressed file ends too early.*"),
        () -> message(cut));
    Path json = write("bad.jsonl", "{\"a\":\"1\"}\n{\"a\":\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(message(json).startsWith(json + ":2: not valid JSON: "), () -> message(json));
    Path twice = write("twice.jsonl", "{\"a\":1,\"a\":2}".getBytes(StandardCharsets.UTF_8));
    assertTrue(message(twice).startsWith(twice + ":1: not valid JSON: "), () -> message(twice));
    Path more = write("more.jsonl", "{\"a\":1} {\"a\":2}".getBytes(StandardCharsets.UTF_8));
    assertTrue(message(more).startsWith(more + ":1: not valid JSON: "), () -> message(more));
    Path bytes =
        write("bytes.jsonl", new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xff, '"', '}'});
    assertEquals(bytes + ":1: not valid UTF-8 at byte 7", message(bytes));
    Path half = write("half.jsonl", "{\"a\":\"\\ud800\"}".getBytes(StandardCharsets.UTF_8));
    assertEquals(half + ":1: not valid Unicode: half of a surrogate pair", message(half));
    Path number = write("number.jsonl", "3".getBytes(StandardCharsets.UTF_8));
    assertEquals(number + ":1: row must be a JSON object, got number", message(number));
    Path open = write("open.json", "[{\"a\":1},{\"a\":".getBytes(StandardCharsets.UTF_8));
    assertEquals(open + ":1: array ends inside an element; the file was cut", message(open));
    Path fields = write("fields.csv", "a,b\n1\n".getBytes(StandardCharsets.UTF_8));
    assertEquals(fields + ":2: row must have 2 fields, got 1", message(fields));
    Path quote = write("quote.csv", "a\n\"1\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(message(quote).contains("must end with a quote"), () -> message(quote));
  }

  @Test
  void findsFilesFoldersAndGlobs() throws Exception {
    byte[] row = "{\"text\":\"t\"}\n".getBytes(StandardCharsets.UTF_8);
    write("b.jsonl", row);
    write("a.jsonl", row);
    write("notes.md", row);
    assertEquals(
        List.of("a.jsonl", "b.jsonl"),
        DataSpec.parse("text:" + folder).files().stream().map(DataFile::name).toList());
    assertEquals(
        List.of("b.jsonl"),
        DataSpec.parse("auto:" + folder + "/b*").files().stream().map(DataFile::name).toList());
    assertEquals("text", DataSpec.parse("auto:" + folder).format().name());
    assertThrows(InputException.class, () -> DataSpec.parse("text:" + folder + "/z*").files());
    assertThrows(InputException.class, () -> DataSpec.parse("nocolon"));
  }

  @Test
  void passesOverAByteOrderMarkAndBlankLinesOfCsv() throws Exception {
    for (String text : List.of(LINES, ARRAY)) {
      Path file = write("mark.json", ("\uFEFF" + text).getBytes(StandardCharsets.UTF_8));
      assertEquals(3, rows(file).size());
      assertEquals("1", rows(file).get(0).columns().get("a").asText());
    }
    Path csv = write("mark.csv", ("\uFEFF" + CSV + "\n\r\n").getBytes(StandardCharsets.UTF_8));
    assertEquals(3, rows(csv).size());
    assertEquals("1", rows(csv).get(0).columns().get("a").asText());
    Path one = write("one.csv", "a\n\n\"\"\nx\n\n".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of("", "x"), rows(one).stream().map(r -> r.columns().get("a").asText()).toList());
  }

  @Test
  void namesAGitLfsPointer() throws Exception {
    Path file =
        write(
            "rows.jsonl",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
                .getBytes(StandardCharsets.UTF_8));
    assertEquals(
        file
            + ": file must hold rows, got a Git LFS pointer; fetch the data itself with git lfs pull",
        message(file));
  }

  @Test
  void readsAFolderBehindASymbolicLink() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real"));
    Files.writeString(real.resolve("rows.jsonl"), "{\"text\":\"a\"}\n");
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertEquals(
        List.of(link.resolve("rows.jsonl")),
        DataSpec.parse("text:" + link).files().stream().map(DataFile::path).toList());
  }
}
