package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import io.dil.train.objective.BatchLoss;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Every number of a metrics row, written out over two batches of unequal size. */
class StepMetricsTest {
  private static final TokenizedExample FIRST = pair(3, 2, 4);
  private static final TokenizedExample SECOND = pair(1, 5, 5);
  private static final TokenizedExample THIRD = pair(2, 1, 3);

  private static TokenizedExample pair(int prompt, int chosen, int rejected) {
    return new TokenizedExample(
        "row",
        new TokenGroup(
            Tokens.of(new int[prompt]),
            List.of(Tokens.of(new int[chosen]), Tokens.of(new int[rejected]))),
        true);
  }

  private static TokenizedExample single(int prompt, int response, boolean desirable) {
    return new TokenizedExample(
        "row",
        new TokenGroup(Tokens.of(new int[prompt]), List.of(Tokens.of(new int[response]))),
        desirable);
  }

  private static BatchLoss loss(
      double[] perExample, double[] chosen, double[] rejected, OptionalDouble kl) {
    return new BatchLoss(perExample, new double[0], chosen, rejected, kl);
  }

  @Test
  void pairs() {
    StepMetrics metrics = new StepMetrics(false);
    metrics.add(
        List.of(FIRST, SECOND),
        loss(new double[] {1, 2}, new double[] {3, 5}, new double[] {2, 5}, OptionalDouble.empty()),
        new double[] {-4, -8, -6, -7},
        new double[] {-5, -6, -9, -8});
    metrics.add(
        List.of(THIRD),
        loss(new double[] {6}, new double[] {-1}, new double[] {4}, OptionalDouble.empty()),
        new double[] {-1, -3},
        new double[] {-3, -2});
    Map<String, Double> expected = new HashMap<>();
    expected.put("loss", (1 + 2 + 6) / 3.0);
    expected.put("rewards/chosen", (3 + 5 - 1) / 3.0);
    expected.put("rewards/rejected", (2 + 5 + 4) / 3.0);
    // Ranked right, a tie, ranked wrong.
    expected.put("rewards/accuracies", (1 + 0.5 + 0) / 3);
    expected.put("rewards/margins", ((3 - 2) + (5 - 5) + (-1 - 4)) / 3.0);
    expected.put("logps/chosen", (-4 - 6 - 1) / 3.0);
    expected.put("logps/rejected", (-8 - 7 - 3) / 3.0);
    // Policy minus reference: chosen +1, +3, +2; rejected -2, +1, -1.
    expected.put("logps/chosen_drift", (1 + 3 + 2) / 3.0);
    expected.put("logps/rejected_drift", (-2 + 1 - 1) / 3.0);
    expected.put("logps/chosen_drift_per_token", (1 + 3 + 2) / (2.0 + 5 + 1));
    expected.put("logps/rejected_drift_per_token", (-2 + 1 - 1) / (4.0 + 5 + 3));
    same(expected, metrics.means(""));
    assertEquals((3 + 2 + 4) + (1 + 5 + 5) + (2 + 1 + 3), metrics.tokens());
    assertEquals(3, metrics.means("eval_").get("eval_pairs"));
    assertEquals(3.0, metrics.means("eval_").get("eval_loss"));
  }

  @Test
  void singleResponses() {
    StepMetrics metrics = new StepMetrics(false);
    metrics.add(
        List.of(single(2, 4, true), single(1, 2, false), single(3, 5, true)),
        loss(new double[] {1, 2, 4}, new double[] {3, 6}, new double[] {-2}, OptionalDouble.of(2)),
        new double[] {-4, -8, -6},
        new double[] {-5, -6, -9});
    metrics.add(
        List.of(single(1, 1, false)),
        loss(new double[] {5}, new double[0], new double[] {-5}, OptionalDouble.of(1)),
        new double[] {-1},
        new double[] {-2});
    Map<String, Double> expected = new HashMap<>();
    expected.put("loss", (1 + 2 + 4 + 5) / 4.0);
    expected.put("rewards/chosen", (3 + 6) / 2.0);
    expected.put("rewards/rejected", (-2 - 5) / 2.0);
    // Not pair by pair, as nothing is paired: the difference of the means, and no accuracy.
    expected.put("rewards/margins", (3 + 6) / 2.0 - (-2 - 5) / 2.0);
    expected.put("kl", (2 + 1) / 2.0);
    expected.put("logps/chosen", (-4 - 6) / 2.0);
    expected.put("logps/rejected", (-8 - 1) / 2.0);
    expected.put("logps/chosen_drift", (1 + 3) / 2.0);
    expected.put("logps/rejected_drift", (-2 + 1) / 2.0);
    expected.put("logps/chosen_drift_per_token", (1 + 3) / (4.0 + 5));
    expected.put("logps/rejected_drift_per_token", (-2 + 1) / (2.0 + 1));
    same(expected, metrics.means(""));
    assertEquals((2 + 4) + (1 + 2) + (3 + 5) + (1 + 1), metrics.tokens());
    assertFalse(metrics.means("eval_").containsKey("eval_pairs"));
  }

  /** Margins are those of pairs where there are any, also beside single responses. */
  @Test
  void pairsBesideSingleResponses() {
    StepMetrics metrics = new StepMetrics(false);
    metrics.add(
        List.of(FIRST),
        loss(new double[] {1}, new double[] {3}, new double[] {2}, OptionalDouble.empty()),
        new double[] {-4, -8},
        null);
    metrics.add(
        List.of(single(1, 1, false)),
        loss(new double[] {5}, new double[0], new double[] {-6}, OptionalDouble.empty()),
        new double[] {-1},
        null);
    assertEquals(3 - 2, metrics.means("").get("rewards/margins"));
    assertEquals((2 - 6) / 2.0, metrics.means("").get("rewards/rejected"));
    assertEquals(1, metrics.means("eval_").get("eval_pairs"));
  }

  /** Of a pair the chosen response alone is trained on: the other is neither scored nor counted. */
  @Test
  void demonstrationsOfPairs() {
    StepMetrics metrics = new StepMetrics(false);
    metrics.add(
        List.of(FIRST, SECOND),
        loss(new double[] {2, 3}, new double[0], new double[0], OptionalDouble.empty()),
        new double[] {-4, -6},
        null);
    same(Map.of("loss", 2.5, "logps/chosen", -5.0), metrics.means(""));
    assertEquals((3 + 2) + (1 + 5), metrics.tokens());
  }

  @Test
  void rewardsOfAModelAreNoLogProbabilities() {
    StepMetrics metrics = new StepMetrics(true);
    metrics.add(
        List.of(FIRST, SECOND),
        loss(new double[] {2, 4}, new double[] {1, 1}, new double[] {3, 0}, OptionalDouble.empty()),
        new double[] {1, 3, 1, 0},
        null);
    same(
        Map.of(
            "loss",
            3.0,
            "rewards/chosen",
            1.0,
            "rewards/rejected",
            1.5,
            "rewards/accuracies",
            0.5,
            "rewards/margins",
            -0.5),
        metrics.means(""));
  }

  private static void same(Map<String, Double> expected, Map<String, Double> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, value) -> assertEquals(value, actual.get(name), 1e-12, name));
  }
}
