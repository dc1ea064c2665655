package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A loss of rewards, with margins and centring. */
class RewardLossTest {
  private static final double[] CHOSEN = {1.5, -0.25, 3};
  private static final double[] REJECTED = {0.5, 0.75, -2};
  private static final double[] MARGINS = {0, 0.5, 2};
  private static final double C = 0.01;

  @Test
  void marginsAndCentringAreAsTheFormulaSays() {
    RewardLoss loss =
        (RewardLoss) Losses.create("reward-bt", Map.of("center_rewards_coefficient", C));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray chosen = manager.create(CHOSEN);
      NDArray rejected = manager.create(REJECTED);
      chosen.setRequiresGradient(true);
      rejected.setRequiresGradient(true);
      LossOutput output;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        output = loss.compute(new PairRewards(chosen, rejected, manager.create(MARGINS)));
        collector.backward(output.perExample().sum());
      }
      for (int i = 0; i < CHOSEN.length; i++) {
        double gap = CHOSEN[i] - REJECTED[i] - MARGINS[i];
        double sum = CHOSEN[i] + REJECTED[i];
        double slope = 1 / (1 + Math.exp(-gap)) - 1;
        assertEquals(
            Math.log1p(Math.exp(-gap)) + C * sum * sum,
            output.perExample().toDoubleArray()[i],
            1e-12);
        assertEquals(slope + 2 * C * sum, chosen.getGradient().toDoubleArray()[i], 1e-12);
        assertEquals(-slope + 2 * C * sum, rejected.getGradient().toDoubleArray()[i], 1e-12);
      }
      assertArrayEquals(CHOSEN, output.chosenRewards().toDoubleArray());
      assertArrayEquals(REJECTED, output.rejectedRewards().toDoubleArray());
    }
  }

  @Test
  void itAloneTakesRewards() {
    for (LossSpec spec : Losses.describe()) {
      assertEquals(spec.name().equals("reward-bt"), spec.takesRewards(), spec.name());
    }
    assertTrue(Losses.create("reward-bt").takesRewards());
    assertFalse(Losses.create("dpo").takesRewards());
  }

  @Test
  void rewardsAndLogProbabilitiesDoNotMix() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Losses.mixture(List.of("dpo", "reward-bt"), List.of(1.0, 1.0), Map.of()));
    assertEquals(
        "mixture component must be a loss of log-probabilities, got a loss of rewards",
        error.getMessage());
  }
}
