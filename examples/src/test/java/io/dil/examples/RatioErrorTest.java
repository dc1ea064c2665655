package io.dil.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.losses.Losses;
import io.dil.losses.PairwiseLoss;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the figure of docs/losses/family.md says. */
class RatioErrorTest {
  private static final PairwiseLoss LSIF = loss("dil-lsif", Map.of());
  private static final PairwiseLoss BCE = loss("dil-bce", Map.of());
  private static final PairwiseLoss RELATIVE = loss("dil-rulsif", Map.of("alpha", 0.1));

  private static PairwiseLoss loss(String name, Map<String, ?> parameters) {
    return (PairwiseLoss) Losses.create(name, parameters);
  }

  /** The noise is the error of large samples: a fit to n pairs is off by noise/√n. */
  @Test
  void theNoiseOfTheGradientForetellsTheErrorOfTheFit() {
    int n = 512;
    double[] errors = RatioError.errors(BCE, n, 1);
    double measured = Math.sqrt(Arrays.stream(errors).map(e -> e * e).average().orElseThrow());
    double expected = RatioError.noise(BCE, 1) / Math.sqrt(n);
    // 20 seeds know a mean square of two coordinates to about a quarter.
    assertEquals(1, measured / expected, 0.35);
  }

  @Test
  void farFromTheReferenceTheExponentialIsNoisyAndTheRelativeRatioIsNot() {
    assertTrue(RatioError.noise(LSIF, 2) > 10 * RatioError.noise(RELATIVE, 2));
    assertTrue(RatioError.noise(LSIF, 0.25) < 1.5 * RatioError.noise(RELATIVE, 0.25));
  }
}
