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
import java.util.stream.IntStream;

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
  private final double[][] moved;
  private final double[][] means;
  private final int[][] sizes;

  private TestScores(int pairs) {
    moved = new double[2][pairs];
    means = new double[2][pairs];
    sizes = new int[2][pairs];
  }

  /**
   * Compares two files of {@code dil score}.
   *
   * @param start scores under the model that training began with
   * @param end scores of the same pairs under the trained one
   * @throws InputException if the files do not hold the same pairs
   */
  static TestScores of(Path start, Path end) {
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
    TestScores scores = new TestScores(before.size());
    for (int i = 0; i < before.size(); i++) {
      for (int side = 0; side < 2; side++) {
        String name = side == 0 ? "chosen" : "rejected";
        JsonNode old = before.get(i).path(name);
        JsonNode now = after.get(i).path(name);
        int size = now.path("tokens").asInt();
        if (!old.has("logp") || !now.has("logp") || old.path("tokens").asInt() != size) {
          throw new InputException(end + ":" + (i + 1) + ": " + name + " is not that of " + start);
        }
        double logp = now.path("logp").asDouble();
        scores.sizes[side][i] = size;
        scores.moved[side][i] = logp - old.path("logp").asDouble();
        scores.means[side][i] = logp / Math.max(1, size);
      }
    }
    return scores;
  }

  private static List<JsonNode> read(Path file) {
    List<JsonNode> rows = new ArrayList<>();
    JsonLines.read(file, (place, line) -> rows.add(line));
    return rows;
  }

  /** Returns how many pairs there are. */
  int pairs() {
    return sizes[0].length;
  }

  /** Returns the metrics of all pairs. */
  Map<String, Double> metrics() {
    return metrics(IntStream.range(0, pairs()).toArray());
  }

  /**
   * Returns the metrics of some pairs.
   *
   * @param rows their numbers; one may come several times, as in a bootstrap
   */
  Map<String, Double> metrics(int[] rows) {
    LengthAccuracy lengths = new LengthAccuracy();
    double[] drift = new double[2];
    long[] tokens = new long[2];
    double correct = 0;
    double likelier = 0;
    for (int row : rows) {
      for (int side = 0; side < 2; side++) {
        drift[side] += moved[side][row];
        tokens[side] += sizes[side][row];
      }
      double difference = moved[0][row] - moved[1][row];
      correct += LengthAccuracy.share(difference);
      likelier += LengthAccuracy.share(means[0][row] - means[1][row]);
      lengths.add(difference, sizes[0][row], sizes[1][row]);
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    int count = rows.length;
    metrics.put("pairs", (double) count);
    metrics.put("chosen_drift", drift[0] / count);
    metrics.put("rejected_drift", drift[1] / count);
    metrics.put("chosen_drift_per_token", drift[0] / tokens[0]);
    metrics.put("rejected_drift_per_token", drift[1] / tokens[1]);
    metrics.put("margin", (drift[0] - drift[1]) / count);
    metrics.put("accuracies", correct / count);
    Map<String, Double> apart = lengths.accuracies();
    if (apart.containsKey("accuracies_shorter") && apart.containsKey("accuracies_longer")) {
      metrics.put(
          "accuracies_balanced",
          (apart.get("accuracies_shorter") + apart.get("accuracies_longer")) / 2);
    }
    metrics.put("accuracies_likelihood", likelier / count);
    metrics.putAll(apart);
    metrics.putAll(lengths.counts());
    return metrics;
  }
}
