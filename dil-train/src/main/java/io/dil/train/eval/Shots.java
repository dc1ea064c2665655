package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The solved examples in front of a question.
 *
 * @param count how many
 * @param from the split that they come from; empty where {@code rows} are they
 * @param draw how they are chosen
 * @param rows the examples themselves, where a task fixes them
 */
record Shots(int count, String from, Draw draw, List<JsonNode> rows) {
  /** The harness's {@code fewshot_seed}. */
  static final long SEED = 1234;

  /** The seed of the harness of 2023, for the order of rows and for what is drawn. */
  static final long SEED_2023 = 42;

  static final Shots NONE = new Shots(0, "", Draw.FIRST, List.of());

  Shots {
    rows = List.copyOf(rows);
  }

  /** How shots are chosen. */
  enum Draw {
    /** The first of their split. */
    FIRST,
    /** By {@code Random(1234).sample}, once a row, in the rows' order, never seeded again. */
    RANDOM,
    /**
     * As in 2023: {@code Random(42)} shuffles the rows, and the same generator then draws for each.
     */
    SHUFFLED
  }
}
