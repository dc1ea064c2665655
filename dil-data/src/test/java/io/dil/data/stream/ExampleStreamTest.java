package io.dil.data.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import io.dil.data.Assets;
import io.dil.data.Drop;
import io.dil.data.TinyTokenizer;
import io.dil.data.TokenizedExample;
import io.dil.data.source.DataSpec;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExampleStreamTest {
  private static final int ROWS = 97;

  @TempDir static Path folder;
  private static ExampleTokenizer tokenizer;

  @BeforeAll
  static void load() throws Exception {
    tokenizer = TinyTokenizer.load(new Truncation(256, 128));
    for (int file = 0; file < 3; file++) {
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        // Every tenth row has no preference in it, so that drops are counted on the way.
        String rejected = row % 10 == 9 ? " yes" : " no " + row;
        lines.add(
            "{\"id\":\"%d-%d\",\"prompt\":\"q%d\",\"chosen\":\" yes\",\"rejected\":\"%s\"}"
                .formatted(file, row, row, rejected));
      }
      Files.write(folder.resolve("part" + file + ".jsonl"), lines);
    }
  }

  private static DataConfig config() {
    return DataConfig.of(DataSpec.parse("pairs:" + folder)).withThreads(2);
  }

  private static List<String> ids(DataConfig config, DataPosition from) {
    List<String> ids = new ArrayList<>();
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, from)) {
      stream.forEachRemaining(example -> ids.add(example.id()));
    }
    return ids;
  }

  @Test
  void keepsTheOrderOfTheFilesAndCountsDrops() {
    try (ExampleStream stream = ExampleStream.open(config(), tokenizer, DataPosition.start())) {
      List<String> ids = new ArrayList<>();
      stream.forEachRemaining(example -> ids.add(example.id()));
      assertEquals("0-0", ids.get(0));
      assertEquals("2-96", ids.get(ids.size() - 1));
      assertEquals(3 * (ROWS - 9), ids.size());
      assertEquals(Map.of("identical_responses", 27L), stream.drops().byReason());
      assertEquals(ids.size(), stream.position().examples());
      assertEquals(3 * ROWS, stream.position().rows());
    }
  }

  @Test
  void everyEpochHoldsEveryRowOnceInAnOrderOfItsOwn() {
    int kept = 3 * (ROWS - 9);
    for (int buffer : new int[] {1, 7, 50, 100_000}) {
      List<String> ids =
          ids(config().shuffled(1).withShuffleBuffer(buffer).withEpochs(2), DataPosition.start());
      List<String> first = ids.subList(0, kept);
      List<String> second = ids.subList(kept, 2 * kept);
      assertEquals(2 * kept, ids.size());
      assertEquals(kept, new TreeSet<>(first).size());
      assertEquals(new TreeSet<>(first), new TreeSet<>(second));
      if (buffer > 1) {
        assertNotEquals(first, second);
      }
    }
  }

  @Test
  void aPartIsTheSamePartInEveryEpochOverSeveralFiles() {
    // 40 rows of the first file are passed over, so 57 of it and 63 of the second are used.
    DataConfig part = config().withRows(40, 120);
    TreeSet<String> chosen = new TreeSet<>(ids(part, DataPosition.start()));
    for (int buffer : new int[] {1, 100_000}) {
      DataConfig shuffled = part.shuffled(1).withShuffleBuffer(buffer);
      List<String> three = ids(shuffled.withEpochs(3), DataPosition.start());
      assertEquals(3 * chosen.size(), three.size());
      for (int epoch = 0; epoch < 3; epoch++) {
        assertEquals(
            chosen,
            new TreeSet<>(three.subList(epoch * chosen.size(), (epoch + 1) * chosen.size())));
      }
    }
    // What was passed over is never trained on.
    assertTrue(
        chosen.stream().noneMatch(ids(config().withRows(0, 40), DataPosition.start())::contains));
    assertEquals(120, RowCount.of(part, () -> {}));
  }

  @Test
  void orderDependsOnSeedButNotOnThreads() {
    List<String> one = ids(config().shuffled(5).withThreads(1), DataPosition.start());
    assertEquals(one, ids(config().shuffled(5).withThreads(3), DataPosition.start()));
    assertNotEquals(one, ids(config().shuffled(6), DataPosition.start()));
  }

  @Test
  void resumesAtEveryPositionWithTheSameRest() throws Exception {
    JsonMapper json = new JsonMapper();
    DataConfig config =
        config()
            .shuffled(3)
            .withShuffleBuffer(40)
            .withEpochs(2)
            .withFilters(new Filters(0, Integer.MAX_VALUE, true));
    List<String> all = ids(config, DataPosition.start());
    List<String> saved = new ArrayList<>();
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start())) {
      saved.add(json.writeValueAsString(stream.position()));
      while (stream.hasNext()) {
        stream.next();
        saved.add(json.writeValueAsString(stream.position()));
      }
    }
    for (int i = 0; i <= all.size(); i += 13) {
      DataPosition position = json.readValue(saved.get(i), DataPosition.class);
      assertEquals(i, position.examples());
      assertEquals(all.subList(i, all.size()), ids(config, position));
    }
    DataPosition middle = json.readValue(saved.get(60), DataPosition.class);
    try (ExampleStream resumed = ExampleStream.open(config, tokenizer, middle)) {
      resumed.forEachRemaining(example -> {});
      DataPosition end = json.readValue(saved.get(saved.size() - 1), DataPosition.class);
      assertEquals(end.examples(), resumed.position().examples());
      assertEquals(2L * 3 * ROWS, resumed.position().examples() + resumed.drops().total());
    }
  }

  @Test
  void positionIsThatOfTheLastExampleHowEverFarTheStreamLooksAhead() {
    try (ExampleStream stream = ExampleStream.open(config(), tokenizer, DataPosition.start())) {
      for (int i = 0; i < 9; i++) {
        stream.next();
      }
      DataPosition before = stream.position();
      assertTrue(stream.hasNext());
      // Row 9 was dropped while looking for row 10; the position does not know yet.
      assertEquals(before, stream.position());
      assertEquals(1, stream.drops().of(Drop.IDENTICAL_RESPONSES));
      stream.next();
      assertEquals(11, stream.position().rows());
    }
  }

  @Test
  void refusesToResumeOnOtherContents(@TempDir Path other) throws Exception {
    Path file = other.resolve("a.jsonl");
    Files.writeString(file, "{\"prompt\":\"p\",\"chosen\":\" a\",\"rejected\":\" b\"}\n");
    DataConfig config = DataConfig.of(DataSpec.parse("pairs:" + file));
    DataPosition position;
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start())) {
      stream.next();
      position = stream.position();
    }
    Files.writeString(file, "{\"prompt\":\"p\",\"chosen\":\" a\",\"rejected\":\" c\"}\n");
    assertThrows(InputException.class, () -> ExampleStream.open(config, tokenizer, position));
  }

  @Test
  void holdsOutWholePromptsAndLosesNone() {
    DataConfig config = config();
    List<String> train = ids(config.withSplit(DataConfig.Split.TRAIN, 0.3), DataPosition.start());
    List<String> eval = ids(config.withSplit(DataConfig.Split.EVAL, 0.3), DataPosition.start());
    assertEquals(ids(config, DataPosition.start()).size(), train.size() + eval.size());
    // The three files ask the same questions, so the sides share no row number.
    assertEquals(
        eval.stream().map(id -> id.substring(2)).collect(Collectors.toSet()).size() * 3,
        eval.size());
    assertTrue(eval.size() > 30 && eval.size() < 140, () -> "held out " + eval.size());
  }

  @Test
  void weightsSayHowOftenRowsAreSeen() {
    DataSpec one = DataSpec.parse("pairs:" + folder.resolve("part0.jsonl"));
    DataSpec two = DataSpec.parse("pairs:" + folder.resolve("part1.jsonl"));
    DataConfig config =
        DataConfig.of(List.of(new DataConfig.Source(one, 2), new DataConfig.Source(two, 0.5)))
            .shuffled(1);
    List<String> ids = ids(config, DataPosition.start());
    long ofOne = ids.stream().filter(id -> id.startsWith("0-")).count();
    long ofTwo = ids.stream().filter(id -> id.startsWith("1-")).count();
    assertEquals(2 * (ROWS - 9), ofOne);
    assertTrue(ofTwo > 25 && ofTwo < 65, () -> "half of 88 gave " + ofTwo);
  }

  @Test
  void aBadRowFailsWithFileAndLineAfterTheRowsBeforeItOrIsCounted(@TempDir Path other)
      throws Exception {
    Path file = other.resolve("bad.jsonl");
    Files.writeString(
        file,
        "{\"prompt\":\"p\",\"chosen\":\" a\",\"rejected\":\" b\"}\n"
            + "{\"prompt\":\"p\",\"rejected\":\" b\"}\n"
            + "{\"prompt\":\"p\",\"chosen\":\" a\",\"rejected\":\" c\"}\n");
    DataConfig config = DataConfig.of(DataSpec.parse("pairs:" + file));
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start())) {
      assertEquals("bad.jsonl:1", stream.next().id());
      InputException error = assertThrows(InputException.class, stream::hasNext);
      assertTrue(
          error.getMessage().startsWith(file + ":2: row must have a column 'chosen'"),
          error::getMessage);
    }
    DataConfig skipping = config.withOnBadRow(DataConfig.OnBadRow.SKIP);
    try (ExampleStream stream = ExampleStream.open(skipping, tokenizer, DataPosition.start())) {
      List<TokenizedExample> kept = new ArrayList<>();
      stream.forEachRemaining(kept::add);
      assertEquals(2, kept.size());
      assertEquals(1, stream.drops().of(Drop.BAD_ROW));
    }
  }

  @Test
  void readsTheWholeHhSample() {
    DataConfig config =
        DataConfig.of(DataSpec.parse("hh:" + Assets.at("prefs/hh_harmless_sample.jsonl.gz")));
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start())) {
      stream.forEachRemaining(
          example -> {
            assertTrue(example.isPair());
            assertTrue(example.maxLength() <= 256);
          });
      assertEquals(1250, stream.examples() + stream.drops().total(), stream.drops()::toString);
    }
  }

  @Test
  void filtersByLengthByRepetitionAndByAListOfTexts(@TempDir Path other) throws Exception {
    String run = "one two three four five six seven eight nine ten eleven twelve thirteen";
    String row = "{\"prompt\":\"%s\",\"chosen\":\" yes\",\"rejected\":\"%s\"}\n";
    Path file = other.resolve("rows.jsonl");
    Files.writeString(
        file,
        row.formatted("a", " no")
            + row.formatted("a", " no")
            + row.formatted(
                "so: One, two three four five six seven eight nine ten eleven TWELVE"
                    + " thirteen.",
                " no")
            + row.formatted("one two three four five six seven eight nine ten eleven twelve", " no")
            + row.formatted("a", " no".repeat(150)));
    Decontamination list = Decontamination.of(List.of("x " + run));
    // A list of 14 words has two runs of 13.
    assertEquals(2, list.size());
    DataConfig config =
        DataConfig.of(DataSpec.parse("pairs:" + file))
            .withFilters(new Filters(0, 120, true, java.util.Optional.of(list)));
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start())) {
      List<String> ids = new ArrayList<>();
      stream.forEachRemaining(example -> ids.add(example.id()));
      assertEquals(List.of("rows.jsonl:1", "rows.jsonl:4"), ids);
      assertEquals(
          Map.of("duplicate", 1L, "contaminated", 1L, "too_long", 1L), stream.drops().byReason());
    }
  }
}
