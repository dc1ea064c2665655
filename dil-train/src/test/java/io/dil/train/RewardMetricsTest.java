package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Metrics of pairs whose values can be written down. */
class RewardMetricsTest {
  private static final double CLOSE = 1e-12;

  private static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  private static Map<String, Double> of(RewardMetrics metrics) {
    Map<String, Double> means = new LinkedHashMap<>();
    metrics.put(means, "eval_");
    return means;
  }

  /** Of ten pairs at 0.85 in favour of the right one, eight and a half would be right. */
  @Test
  void probabilitiesThatComeTrueHaveNoError() {
    RewardMetrics metrics = new RewardMetrics();
    for (int i = 0; i < 20; i++) {
      metrics.add(i < 17 ? logit(0.85) : logit(0.15), 10, 10);
    }
    Map<String, Double> means = of(metrics);
    assertEquals(0, means.get("eval_rewards/calibration_error"), CLOSE);
    assertEquals((17 * 0.85 + 3 * 0.15) / 20, means.get("eval_rewards/probability"), CLOSE);
  }

  @Test
  void theErrorIsTheDistanceOfProbabilityAndShare() {
    RewardMetrics sure = new RewardMetrics();
    // All right, at 0.65: each bin, and its mirror image, is 0.35 off.
    for (int i = 0; i < 4; i++) {
      sure.add(logit(0.65), 10, 10);
    }
    assertEquals(0.35, of(sure).get("eval_rewards/calibration_error"), CLOSE);
    // Half right at 0.95, so 0.45 off; the rest right at 0.75, 0.25 off.
    RewardMetrics mixed = new RewardMetrics();
    for (int i = 0; i < 4; i++) {
      mixed.add(i % 2 == 0 ? logit(0.95) : logit(0.05), 10, 10);
      mixed.add(logit(0.75), 10, 10);
    }
    assertEquals((0.45 + 0.25) / 2, of(mixed).get("eval_rewards/calibration_error"), CLOSE);
    // A model that knows nothing claims nothing.
    RewardMetrics none = new RewardMetrics();
    none.add(0, 10, 10);
    assertEquals(0, of(none).get("eval_rewards/calibration_error"), CLOSE);
  }

  @Test
  void accuracyIsSplitByWhichResponseIsLonger() {
    RewardMetrics metrics = new RewardMetrics();
    metrics.add(1, 5, 20);
    metrics.add(-1, 5, 20);
    metrics.add(-1, 5, 20);
    metrics.add(0, 5, 20);
    metrics.add(2, 20, 18);
    metrics.add(2, 20, 17);
    metrics.add(-2, 30, 17);
    Map<String, Double> means = of(metrics);
    assertEquals(1.5 / 4, means.get("eval_rewards/accuracies_shorter"), CLOSE);
    assertEquals(4, means.get("eval_pairs_shorter"), CLOSE);
    assertEquals(1, means.get("eval_rewards/accuracies_similar"), CLOSE);
    assertEquals(1, means.get("eval_pairs_similar"), CLOSE);
    assertEquals(0.5, means.get("eval_rewards/accuracies_longer"), CLOSE);
    assertEquals(2, means.get("eval_pairs_longer"), CLOSE);
    assertEquals(3.0 / 7, means.get("eval_rewards/accuracies_of_length"), CLOSE);
  }

  @Test
  void withoutPairsThereIsNothing() {
    assertEquals(Map.of(), of(new RewardMetrics()));
  }
}
