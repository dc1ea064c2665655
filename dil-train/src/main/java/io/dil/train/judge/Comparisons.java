package io.dil.train.judge;

import io.dil.core.InputException;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.ExampleReader;
import io.dil.train.sample.AnswerFile;
import io.dil.train.sample.Answers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pairs of answers of two sides.
 *
 * @param pairs in the data's order
 * @param missing rows that one side answered and the other did not
 */
public record Comparisons(List<Comparison> pairs, int missing) {
  private static final String CHOSEN = "chosen";
  private static final String REJECTED = "rejected";

  /** Copies the list. */
  public Comparisons {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads both sides. A row is found by its id; of several answers the first counts.
   *
   * @param data the rows, {@code FORMAT:PLACE}
   * @param a an answer file, or {@code chosen} or {@code rejected}
   * @param b the other side
   * @param limit the most pairs
   * @throws InputException if a file is malformed, or no row has both answers
   */
  public static Comparisons read(String data, String a, String b, int limit) {
    Map<String, String> ofA = answers(a);
    Map<String, String> ofB = answers(b);
    if (ofA.isEmpty() && ofB.isEmpty()) {
      throw new InputException("--a or --b must be a file of answers, got " + a + " and " + b);
    }
    List<Comparison> pairs = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int missing = 0;
    try (ExampleReader reader = ExampleReader.open(DataConfig.of(DataSpec.parse(data)))) {
      while (reader.hasNext() && pairs.size() < limit) {
        Parsed row = reader.next();
        if (!(row instanceof Example example)) {
          continue;
        }
        boolean either = ofA.containsKey(example.id()) || ofB.containsKey(example.id());
        if (!either || !seen.add(example.id())) {
          continue;
        }
        if (!has(a, ofA, example) || !has(b, ofB, example)) {
          missing++;
          continue;
        }
        pairs.add(
            new Comparison(
                example.id(),
                example.prompt().asText(),
                side(a, ofA, example),
                side(b, ofB, example)));
      }
    }
    if (pairs.isEmpty()) {
      throw new InputException(
          "no row of " + data + " has an answer of both sides; answers are found by their ids");
    }
    return new Comparisons(pairs, missing);
  }

  private static Map<String, String> answers(String side) {
    Map<String, String> all = new HashMap<>();
    if (!side.equals(CHOSEN) && !side.equals(REJECTED)) {
      for (Answers one : AnswerFile.read(Path.of(side))) {
        all.putIfAbsent(one.id(), one.responses().get(0));
      }
    }
    return all;
  }

  private static boolean has(String side, Map<String, String> answers, Example example) {
    return switch (side) {
      case CHOSEN -> true;
      case REJECTED -> example instanceof PreferencePair;
      default -> answers.containsKey(example.id());
    };
  }

  private static String side(String side, Map<String, String> answers, Example example) {
    List<String> own = example.responses();
    return switch (side) {
      case CHOSEN -> own.get(0);
      case REJECTED -> own.get(own.size() - 1);
      default -> answers.getOrDefault(example.id(), "");
    };
  }
}
