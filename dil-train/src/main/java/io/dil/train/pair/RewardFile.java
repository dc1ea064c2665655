package io.dil.train.pair;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.JsonLines;
import io.dil.train.sample.Answers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Rewards that another program has computed: a line of JSON per prompt, with the {@code id} of its
 * answers and {@code rewards}, one number per answer in their order.
 */
public final class RewardFile implements AnswerRewards {
  private final Path file;
  private final Map<String, double[]> rewards = new HashMap<>();

  private RewardFile(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws InputException if a line has no id or no list of numbers, or an id comes twice; it
   *     names the line
   */
  public static RewardFile read(Path file) {
    RewardFile read = new RewardFile(file);
    JsonLines.read(file, read::add);
    return read;
  }

  private void add(String place, JsonNode line) {
    JsonNode list = line.path("rewards");
    if (!line.path("id").isValueNode() || !list.isArray()) {
      throw new InputException(place + ": row must have id, and rewards, a list of numbers");
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!list.get(i).isNumber()) {
        throw new InputException(place + ": rewards must be numbers, got " + list.get(i));
      }
      numbers[i] = list.get(i).doubleValue();
    }
    if (rewards.put(line.path("id").asText(), numbers) != null) {
      throw new InputException(place + ": id " + line.path("id").asText() + " was there before");
    }
  }

  @Override
  public double[] rewards(Answers answers) {
    double[] found = rewards.get(answers.id());
    if (found == null) {
      throw new InputException(file + ": must have rewards for " + answers.id() + ", got none");
    }
    return found.clone();
  }
}
