package io.dil.data.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.data.Example;
import io.dil.data.TinyTokenizer;
import io.dil.data.source.DataSpec;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts come in the order of examples, whatever their responses. */
final class PromptStreamTest {
  private static final int ROWS = 40;

  @TempDir static Path folder;
  private static ExampleTokenizer tokenizer;

  @BeforeAll
  static void load() throws Exception {
    tokenizer = TinyTokenizer.load(new Truncation(256, 128));
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      // Equal responses, which no loss could use; every fourth prompt is one of two.
      lines.add(
          "{\"id\":\"%d\",\"prompt\":\"q%d\",\"chosen\":\" yes\",\"rejected\":\" yes\"}"
              .formatted(row, row % 4 == 0 ? row % 8 : row));
    }
    Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static DataConfig config() {
    return DataConfig.of(DataSpec.parse("pairs:" + folder.resolve("rows.jsonl"))).shuffled(7);
  }

  private static List<String> ids(PromptStream stream, int count) {
    List<String> ids = new ArrayList<>();
    for (Optional<Example> next = stream.next(); next.isPresent(); next = stream.next()) {
      ids.add(next.get().id());
      if (ids.size() == count) {
        break;
      }
    }
    return ids;
  }

  private static PromptStream open(DataConfig config, DataPosition from) {
    return PromptStream.open(config, tokenizer, from);
  }

  @Test
  void everyEpochHasEveryPromptInAnOrderOfItsOwn() {
    try (PromptStream stream = open(config().withEpochs(2), DataPosition.start())) {
      List<String> ids = ids(stream, Integer.MAX_VALUE);
      assertEquals(2 * ROWS, ids.size());
      assertEquals(ROWS, ids.subList(0, ROWS).stream().distinct().count());
      assertNotEquals(ids.subList(0, ROWS), ids.subList(ROWS, 2 * ROWS));
      assertEquals(2 * ROWS, stream.position().examples());
      assertEquals(Map.of(), stream.position().dropped());
    }
  }

  @Test
  void itGoesOnFromAnyPosition() {
    for (boolean dedupe : new boolean[] {false, true}) {
      Filters filters = new Filters(0, Integer.MAX_VALUE, dedupe, Optional.empty());
      DataConfig endless = config().withEpochs(0).withFilters(filters);
      List<String> whole;
      try (PromptStream stream = open(endless, DataPosition.start())) {
        whole = ids(stream, 100);
      }
      for (int cut = 1; cut < 100; cut += 3) {
        DataPosition position;
        try (PromptStream stream = open(endless, DataPosition.start())) {
          assertEquals(whole.subList(0, cut), ids(stream, cut));
          position = stream.position();
        }
        try (PromptStream stream = open(endless, position)) {
          assertEquals(whole.subList(cut, 100), ids(stream, 100 - cut), "after " + cut);
        }
        assertEquals(cut, position.examples());
      }
    }
  }

  @Test
  void promptsThatCameBeforeAreDroppedWhereAsked() {
    Filters filters = new Filters(0, Integer.MAX_VALUE, true, Optional.empty());
    try (PromptStream stream = open(config().withFilters(filters), DataPosition.start())) {
      // Thirty prompts of their own, and two for ten rows.
      assertEquals(32, ids(stream, Integer.MAX_VALUE).size());
      assertEquals(Map.of("duplicate", 8L), stream.position().dropped());
    }
  }

  @Test
  void otherDataIsRefused() {
    DataPosition other = new DataPosition("00", 0, 1, 1, Map.of());
    InputException error = assertThrows(InputException.class, () -> open(config(), other));
    assertTrue(error.getMessage().contains("other contents"), error::getMessage);
  }
}
