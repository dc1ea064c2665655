package io.dil.train.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.JsonLines;
import io.dil.train.LengthAccuracy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a trained model is worth on held-out pairs, by a measure that is the same for every loss.
 *
 * <p>Losses define rewards of their own, with another scale and some without a reference. Here a
 * response is ranked by how far its log-probability has moved from that of the model that training
 * began with, log π_θ(y|x) − log π_start(y|x): the drift. Of n pairs there are
 *
 * <ul>
 *   <li>{@code chosen_drift} and {@code rejected_drift}: the mean drift of a response, in nats (the
 *       paper's Figure 2), {@code …_per_token} the sum of drifts over the sum of tokens;
 *   <li>{@code margin}: the mean difference of the two, in nats;
 *   <li>{@code accuracies}: the share of pairs whose chosen response has the larger drift; a tie
 *       counts one half; {@code accuracies_shorter} and so on as {@link LengthAccuracy} has them,
 *       and {@code accuracies_balanced}, the mean of those of shorter and longer chosen responses:
 *       what would be measured if chosen responses were as often the shorter as the longer ones;
 *   <li>{@code accuracies_likelihood}: the share of pairs whose chosen response has the larger mean
 *       log-probability of a token under the trained model alone, which SimPO trains.
 * </ul>
 */
final class TestScores {
  private TestScores() {}

  /**
   * Compares two files of {@code dil score}.
   *
   * @param start scores under the model that training began with
   * @param end scores of the same pairs under the trained one
   * @throws InputException if the files do not hold the same pairs
   */
  static Map<String, Double> of(Path start, Path end) {
    List<JsonNode> before = read(start);
    List<JsonNode> after = read(end);
    if (before.isEmpty() || before.size() != after.size()) {
      throw new InputException(
          end
              + ": must hold the "
              + before.size()
              + " pairs of "
              + start
              + ", got "
              + after.size());
    }
    LengthAccuracy lengths = new LengthAccuracy();
    double[] drift = new double[2];
    long[] tokens = new long[2];
    double correct = 0;
    double likelier = 0;
    int pairs = before.size();
    for (int i = 0; i < pairs; i++) {
      String place = end + ":" + (i + 1);
      double[] moved = new double[2];
      double[] mean = new double[2];
      int[] sizes = new int[2];
      for (int side = 0; side < 2; side++) {
        String name = side == 0 ? "chosen" : "rejected";
        JsonNode old = before.get(i).path(name);
        JsonNode now = after.get(i).path(name);
        sizes[side] = now.path("tokens").asInt();
        if (!old.has("logp") || !now.has("logp") || old.path("tokens").asInt() != sizes[side]) {
          throw new InputException(place + ": " + name + " is not that of " + start);
        }
        moved[side] = now.path("logp").asDouble() - old.path("logp").asDouble();
        mean[side] = now.path("logp").asDouble() / Math.max(1, sizes[side]);
        drift[side] += moved[side];
        tokens[side] += sizes[side];
      }
      correct += LengthAccuracy.share(moved[0] - moved[1]);
      likelier += LengthAccuracy.share(mean[0] - mean[1]);
      lengths.add(moved[0] - moved[1], sizes[0], sizes[1]);
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("pairs", (double) pairs);
    metrics.put("chosen_drift", drift[0] / pairs);
    metrics.put("rejected_drift", drift[1] / pairs);
    metrics.put("chosen_drift_per_token", drift[0] / tokens[0]);
    metrics.put("rejected_drift_per_token", drift[1] / tokens[1]);
    metrics.put("margin", (drift[0] - drift[1]) / pairs);
    metrics.put("accuracies", correct / pairs);
    Map<String, Double> apart = lengths.accuracies();
    if (apart.containsKey("accuracies_shorter") && apart.containsKey("accuracies_longer")) {
      metrics.put(
          "accuracies_balanced",
          (apart.get("accuracies_shorter") + apart.get("accuracies_longer")) / 2);
    }
    metrics.put("accuracies_likelihood", likelier / pairs);
    metrics.putAll(apart);
    metrics.putAll(lengths.counts());
    return metrics;
  }

  private static List<JsonNode> read(Path file) {
    List<JsonNode> rows = new ArrayList<>();
    JsonLines.read(file, (place, line) -> rows.add(line));
    return rows;
  }
}
