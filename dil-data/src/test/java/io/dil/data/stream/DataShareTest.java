package io.dil.data.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.collective.Collectives;
import io.dil.core.collective.LocalGroup;
import io.dil.data.TinyTokenizer;
import io.dil.data.TokenizedExample;
import io.dil.data.source.Containers;
import io.dil.data.source.DataFile;
import io.dil.data.source.DataSpec;
import io.dil.data.source.Row;
import io.dil.data.source.RowElsewhere;
import io.dil.data.source.RowReader;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that go through a stream together, each working on its own rows; here threads. */
class DataShareTest {
  private static final int ROWS = 150;

  @TempDir static Path folder;
  private static ExampleTokenizer tokenizer;

  @BeforeAll
  static void load() throws Exception {
    tokenizer = TinyTokenizer.load(new Truncation(256, 128));
    for (int file = 0; file < 3; file++) {
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        String rejected = row % 10 == 9 ? " yes" : " no " + row;
        // Rows of the second file repeat some of the first.
        int question = file == 1 && row % 3 == 0 ? row : 1000 * file + row;
        lines.add(
            "{\"id\":\"%d-%d\",\"prompt\":\"q%d\",\"chosen\":\" yes\",\"rejected\":\"%s\"}"
                .formatted(file, row, question, rejected));
      }
      Files.write(folder.resolve("part" + file + ".jsonl"), lines);
    }
  }

  private static DataConfig config(boolean shuffled, boolean dedupe) {
    DataConfig config =
        DataConfig.of(DataSpec.parse("pairs:" + folder.resolve("part*.jsonl"))).withThreads(2);
    config = config.withFilters(new Filters(0, Integer.MAX_VALUE, dedupe));
    return shuffled ? config.shuffled(7).withShuffleBuffer(100) : config;
  }

  /** What a process comes to: examples, then where it is. */
  private static List<String> seen(
      DataConfig config, DataPosition from, DataShare share, int most) {
    List<String> seen = new ArrayList<>();
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, from, share)) {
      while (seen.size() < most && stream.hasNext()) {
        TokenizedExample example = stream.next();
        seen.add(example.toString());
      }
      seen.add(stream.position().toString());
    }
    return seen;
  }

  private static List<List<String>> together(
      int size, DataConfig config, DataPosition from, int most) throws Exception {
    LocalGroup group = new LocalGroup(size);
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<List<String>>> futures = new ArrayList<>();
      for (int r = 0; r < size; r++) {
        int rank = r;
        futures.add(
            threads.submit(
                () -> {
                  try (Collectives own = group.join(rank, Device.cpu())) {
                    DataShare share = new DataShare(rank, size, own::gather, "");
                    return seen(config, from, share, most);
                  } catch (Exception e) {
                    group.fail(e);
                    throw e;
                  }
                }));
      }
      List<List<String>> all = new ArrayList<>();
      for (Future<List<String>> future : futures) {
        all.add(future.get());
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, false, false, 0",
    "3, true, false, 0",
    "4, true, true, 0",
    "3, true, false, 77",
    "2, true, true, 131"
  })
  void allComeToTheExamplesOfOne(int size, boolean shuffled, boolean dedupe, int behind)
      throws Exception {
    DataConfig config = config(shuffled, dedupe).withEpochs(2);
    DataPosition from = DataPosition.start();
    if (behind > 0) {
      try (ExampleStream stream = ExampleStream.open(config, tokenizer, from)) {
        for (int i = 0; i < behind; i++) {
          stream.next();
        }
        from = stream.position();
      }
    }
    for (int most : new int[] {50, Integer.MAX_VALUE}) {
      List<String> expected = seen(config, from, DataShare.ALL, most);
      assertTrue(expected.size() > 40);
      for (List<String> one : together(size, config, from, most)) {
        assertEquals(expected, one);
      }
    }
  }

  @Test
  void anErrorIsThatOfOne() throws Exception {
    Path bad = folder.resolve("bad");
    Files.createDirectories(bad);
    List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve("part0.jsonl")));
    lines.set(101, "{\"prompt\": 3}");
    Files.write(bad.resolve("rows.jsonl"), lines);
    DataConfig config = DataConfig.of(DataSpec.parse("pairs:" + bad)).withThreads(1);
    InputException expected =
        assertThrows(
            InputException.class,
            () -> seen(config, DataPosition.start(), DataShare.ALL, Integer.MAX_VALUE));
    ExecutionException error =
        assertThrows(
            ExecutionException.class,
            () -> together(3, config, DataPosition.start(), Integer.MAX_VALUE));
    assertEquals(expected.getMessage(), error.getCause().getMessage());
    assertTrue(expected.getMessage().contains("rows.jsonl:102"), expected::getMessage);
  }

  @Test
  void everyRowGroupIsReadByOneProcess() throws Exception {
    Path file = Path.of(DataShareTest.class.getResource("/parquet/snappy.parquet").toURI());
    List<String> whole = places(file, new DataShare(0, 1, own -> new byte[][] {own}, ""));
    List<String> joined = new ArrayList<>(whole);
    joined.replaceAll(place -> RowElsewhere.ROW.place());
    int here = 0;
    for (int rank = 0; rank < 3; rank++) {
      List<String> part = places(file, new DataShare(rank, 3, own -> new byte[][] {own}, ""));
      assertEquals(whole.size(), part.size());
      for (int i = 0; i < part.size(); i++) {
        if (!part.get(i).equals(RowElsewhere.ROW.place())) {
          joined.set(i, part.get(i));
          here++;
        }
      }
    }
    assertEquals(whole, joined);
    assertEquals(whole.size(), here);
    // Row groups in turn: the first and the fourth are those of rank 0.
    List<String> first = places(file, new DataShare(0, 3, own -> new byte[][] {own}, ""));
    assertTrue(
        first.stream()
            .filter(place -> !place.equals(RowElsewhere.ROW.place()))
            .allMatch(place -> place.contains("row group 0") || place.contains("row group 3")));
  }

  private static List<String> places(Path file, DataShare share) throws Exception {
    List<String> places = new ArrayList<>();
    try (RowReader rows = Containers.open(DataFile.of(file), share::owns, share::ownsRow)) {
      for (Row row = rows.next(); row != null; row = rows.next()) {
        places.add(row.place());
      }
    }
    return places;
  }
}
