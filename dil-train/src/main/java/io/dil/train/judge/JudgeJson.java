package io.dil.train.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A judge's result as files and as text. */
public final class JudgeJson {
  /** The result, with what it was made with. */
  public static final String FILE = "judge.json";

  /** Every pair's outcome. */
  public static final String ROWS = "comparisons.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private JudgeJson() {}

  /** Returns a result as JSON. */
  public static ObjectNode of(JudgeResult result) {
    ObjectNode json = JSON.createObjectNode();
    json.put("pairs", result.pairs()).put("wins", result.wins()).put("ties", result.ties());
    json.put("losses", result.losses()).put("invalid", result.invalid());
    json.set("win_rate", of(result.rate()));
    json.set("first_position_wins", of(result.first()));
    json.put("mean_length_a", result.meanLengthA()).put("mean_length_b", result.meanLengthB());
    ObjectNode lengths = json.putObject("win_rate_by_length");
    result.byLength().forEach((bucket, rate) -> lengths.set(bucket, of(rate)));
    result.models().forEach(json.putArray("judge_said_it_was")::add);
    return json;
  }

  private static ObjectNode of(Wilson rate) {
    return JSON.createObjectNode()
        .put("n", rate.count())
        .put("rate", rate.share())
        .put("low", rate.low())
        .put("high", rate.high());
  }

  /** Returns a paired comparison as JSON. */
  public static ObjectNode of(PairedTest test) {
    return JSON.createObjectNode()
        .put("prompts", test.prompts())
        .put("better", test.better())
        .put("worse", test.worse())
        .put("difference", test.difference())
        .put("low", test.low())
        .put("high", test.high())
        .put("mcnemar_p", test.p());
  }

  /** Writes a result and its rows into a folder. */
  public static void write(Path folder, ObjectNode whole, JudgeResult result) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (JudgeResult.Row row : result.rows()) {
      ObjectNode line = JSON.createObjectNode().put("id", row.id());
      if (row.valid()) {
        line.put("score", row.score());
      } else {
        line.putNull("score");
      }
      rows.append(line.put("length_a", row.lengthA()).put("length_b", row.lengthB())).append('\n');
    }
    AtomicFile.write(folder.resolve(ROWS), rows.toString().getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        folder.resolve(FILE), (whole.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Compares a result with that of another folder, on the prompts that both judged.
   *
   * @throws InputException if the folder holds no result, or was judged otherwise
   */
  public static PairedTest against(JudgeResult result, ObjectNode settings, Path other, long seed) {
    JsonNode found = read(other.resolve(FILE));
    for (String key : List.of("prompt", "judge", "b", "both_orders")) {
      if (!found.path(key).toString().equals(settings.path(key).toString())) {
        throw new InputException(
            other
                + ": must have been judged alike, got "
                + key
                + " "
                + found.path(key)
                + ", not "
                + settings.path(key));
      }
    }
    Map<String, Double> theirs = new HashMap<>();
    Path rows = other.resolve(ROWS);
    try {
      for (String line : Files.readAllLines(rows)) {
        JsonNode row = JSON.readTree(line);
        if (row.path("score").isNumber()) {
          theirs.put(row.path("id").asText(), row.path("score").asDouble());
        }
      }
    } catch (IOException e) {
      throw new InputException(rows + ": cannot be read: " + e.getMessage(), e);
    }
    List<double[]> scores = new ArrayList<>();
    for (JudgeResult.Row row : result.rows()) {
      Double score = theirs.get(row.id());
      if (row.valid() && score != null) {
        scores.add(new double[] {row.score(), score});
      }
    }
    return PairedTest.of(scores, seed);
  }

  /** Reads a result of {@link #write}. */
  public static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns a result in words. */
  public static String text(JudgeResult result) {
    StringBuilder text = new StringBuilder();
    line(text, "a wins", result.rate());
    text.append(
        String.format(
            Locale.ROOT,
            "%-22s %d won, %d tied, %d lost, %d without a verdict%n",
            "pairs",
            result.wins(),
            result.ties(),
            result.losses(),
            result.invalid()));
    line(text, "the first shown wins", result.first());
    text.append(
        String.format(
            Locale.ROOT,
            "%-22s a %.0f characters, b %.0f%n",
            "mean length",
            result.meanLengthA(),
            result.meanLengthB()));
    result.byLength().forEach((bucket, rate) -> line(text, "  " + bucket, rate));
    text.append(String.format("%-22s %s%n", "the judge was", String.join(", ", result.models())));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Wilson rate) {
    text.append(
        rate.count() == 0
            ? String.format("%-22s none%n", name)
            : String.format(
                Locale.ROOT,
                "%-22s %.1f %%  (95 %%: %.1f to %.1f, n = %d)%n",
                name,
                100 * rate.share(),
                100 * rate.low(),
                100 * rate.high(),
                rate.count()));
  }

  /** Returns a paired comparison in words. */
  public static String text(PairedTest test, Path other) {
    String verdict =
        test.low() > 0 || test.high() < 0
            ? "the difference is outside of the noise"
            : "these prompts do not tell the two apart";
    return String.format(
        Locale.ROOT,
        "against %s, on %d prompts: better on %d, worse on %d; win rate %+.1f points (95 %%: %+.1f to"
            + " %+.1f), McNemar p = %.3g: %s%n",
        other,
        test.prompts(),
        test.better(),
        test.worse(),
        100 * test.difference(),
        100 * test.low(),
        100 * test.high(),
        test.p(),
        verdict);
  }
}
