package io.dil.train.pair;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.JsonLines;
import io.dil.train.judge.JudgeJson;
import io.dil.train.sample.AnswerFile;
import io.dil.train.sample.Answers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The answers of two files that {@code dil judge} compared, two per prompt, with the judge's score
 * as reward: a's share of the verdicts for a, and the rest for b.
 */
public final class Judged {
  private Judged() {}

  /**
   * Reads a folder of {@code dil judge --a FILE --b FILE --out FOLDER}. Rows without a verdict are
   * left out.
   *
   * @param taker takes a prompt's two answers and their rewards
   * @return how many rows had no verdict
   * @throws InputException if the folder holds no result, or answers were compared with those of a
   *     data set
   */
  public static int read(Path folder, BiConsumer<Answers, double[]> taker) {
    JsonNode settings = JudgeJson.read(folder.resolve(JudgeJson.FILE));
    Map<String, Answers> a = answers(folder, settings, "a");
    Map<String, Answers> b = answers(folder, settings, "b");
    int[] without = new int[1];
    JsonLines.read(
        folder.resolve(JudgeJson.ROWS),
        (place, row) -> {
          Answers one = a.get(row.path("id").asText());
          Answers other = b.get(row.path("id").asText());
          if (one == null || other == null) {
            throw new InputException(
                place + ": both files must have an answer to " + row.path("id").asText());
          }
          if (!row.path("score").isNumber()) {
            without[0]++;
            return;
          }
          double score = row.path("score").doubleValue();
          taker.accept(both(one, other), new double[] {score, 1 - score});
        });
    return without[0];
  }

  private static Map<String, Answers> answers(Path folder, JsonNode settings, String side) {
    String name = settings.path(side).asText();
    if (name.equals("chosen") || name.equals("rejected")) {
      throw new InputException(
          folder + ": " + side + " must be a file of answers, got the data's own " + name);
    }
    Map<String, Answers> byId = new LinkedHashMap<>();
    AnswerFile.read(Path.of(name)).forEach(one -> byId.put(one.id(), one));
    return byId;
  }

  /** Returns the first answers of two models to one prompt, which are those that are judged. */
  private static Answers both(Answers one, Answers other) {
    List<String> texts = new ArrayList<>();
    texts.add(one.responses().get(0));
    texts.add(other.responses().get(0));
    return new Answers(one.id(), one.prompt(), texts, List.of(), List.of(), false);
  }
}
