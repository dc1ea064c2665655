package io.dil.examples.reproduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.examples.reproduction.ExactWorld.Sampling;
import io.dil.losses.Losses;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The paper's theory (§4), each statement by solving its problem. */
class ImitationTest {
  private static final ExactWorld WORLD = new ExactWorld(1, 0);
  private static final double[] LOG_CHOSEN = Measures.log(WORLD.chosen());

  /** Eq. 17 with the true ratio as reward: the optimum is π_w, and eq. 22's Z is 1. */
  @Test
  void theRewardOfLogRatiosHasTheChosenDistributionAsItsOptimum() {
    double[] ratio = new double[ExactWorld.SIZE];
    Arrays.setAll(ratio, i -> LOG_CHOSEN[i] - WORLD.logReference()[i]);
    double[] learnt = Imitation.maximiseReward(WORLD, ratio, 1);
    assertArrayEquals(WORLD.chosen(), Measures.exp(learnt), 1e-9);
    double[] unnormalised = WORLD.logReference();
    Arrays.setAll(unnormalised, i -> unnormalised[i] + ratio[i]);
    for (int x = 0; x < ExactWorld.PROMPTS; x++) {
      assertEquals(0, ExactWorld.logSumExp(unnormalised, x * ExactWorld.ANSWERS), 1e-12);
    }
  }

  /** Eq. 16 and eq. 17 are one objective, at any policy. */
  @Test
  void reverseKlIsTheNegativeOfTheRewardObjective() {
    Random random = new Random(5);
    double[] logits = random.doubles(ExactWorld.SIZE, -2, 2).toArray();
    double[] policy = ExactWorld.normalised(logits);
    double[] ratio = new double[ExactWorld.SIZE];
    Arrays.setAll(ratio, i -> LOG_CHOSEN[i] - WORLD.logReference()[i]);
    double reward = Measures.expectation(Measures.exp(policy), ratio);
    assertEquals(
        Measures.divergence(policy, LOG_CHOSEN),
        Measures.divergence(policy, WORLD.logReference()) - reward,
        1e-12);
  }

  /** Eq. 12, −log [e^{r_w} / (e^{r_w} + e^{r_l})], is eq. 3 as the library computes it. */
  @Test
  void theImitationLossOfAnEnergyBasedPolicyIsTheRewardLoss() {
    double[] reward = new Random(6).doubles(ExactWorld.SIZE, -2, 2).toArray();
    PairCells pairs = WORLD.pairs(Sampling.PREFERENCES);
    double expected = 0;
    for (int i = 0; i < pairs.size(); i++) {
      int from = pairs.prompt()[i] * ExactWorld.ANSWERS;
      double w = Math.exp(reward[from + pairs.chosen()[i]]);
      double l = Math.exp(reward[from + pairs.rejected()[i]]);
      expected -= pairs.weight()[i] * Math.log(w / (w + l));
    }
    TabularLoss loss = new TabularLoss(Losses.create("reward-bt"), WORLD, 1);
    TabularLoss.Value value =
        loss.evaluate(List.of(pairs), new double[][] {reward}, new double[1])[0];
    assertEquals(expected, value.total(), 1e-12);
  }

  /** Prop. 4.1: the fit of eq. 12, distilled by eq. 13 with temperature β, is eq. 2's optimum. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2})
  void theDistilledEnergyBasedPolicyIsTheOptimumOfRlhf(double beta) {
    double[] fitted = Imitation.fitReward(WORLD, WORLD.pairs(Sampling.PREFERENCES));
    for (int i = 0; i < ExactWorld.SIZE; i++) {
      int first = i - i % ExactWorld.ANSWERS;
      assertEquals(
          WORLD.reward()[i] - WORLD.reward()[first],
          fitted[i] - fitted[first],
          1e-5,
          "reward " + i);
    }
    double[] distilled =
        Imitation.imitate(WORLD.logReference(), Imitation.energyBased(WORLD, fitted, beta));
    double[] optimum = Imitation.maximiseReward(WORLD, WORLD.reward(), beta);
    assertEquals(0, Measures.divergence(distilled, optimum), 1e-9);
    assertEquals(0, Measures.divergence(optimum, WORLD.logOptimum(beta)), 1e-9);
  }

  /**
   * What Prop. 4.1 adds, that this policy is π_w, is not so: eq. 10 with its true partition
   * function gives π_w, but eq. 12 estimates that function from the two answers of a pair.
   */
  @Test
  void thePartitionFunctionOfOnePairMovesTheOptimumAwayFromTheChosen() {
    TabularLoss whole = new TabularLoss(Losses.create("sft"), WORLD, 1);
    double[] exact =
        new TabularFit(whole, WORLD, true)
            .fit(List.of(WORLD.pairs(Sampling.PREFERENCES)))
            .get(0)
            .last();
    assertEquals(0, Measures.divergence(exact, LOG_CHOSEN), 1e-9);
    assertTrue(Measures.divergence(WORLD.logOptimum(1), LOG_CHOSEN) > 0.01);
  }

  /** Eq. 25, 26: CPC's critic is log π_w/π_0 + c(x); the prompts' constants differ. */
  @Test
  void theCriticOfCpcIsTheLogRatioUpToAConstantPerPrompt() {
    double[] fitted = fit("dpo", Map.of("beta", 1), Sampling.INDEPENDENT, false);
    double[] constants = new double[ExactWorld.PROMPTS];
    for (int i = 0; i < ExactWorld.SIZE; i++) {
      double constant = fitted[i] - LOG_CHOSEN[i];
      int x = i / ExactWorld.ANSWERS;
      if (i % ExactWorld.ANSWERS == 0) {
        constants[x] = constant;
      }
      assertEquals(constants[x], constant, 1e-5);
    }
    assertTrue(Math.abs(constants[0] - constants[1]) > 1e-4, "c(x) depends on x");
    // Eq. 27: with a policy, which is normalised, nothing is left of c(x).
    double[] policy = fit("dpo", Map.of("beta", 1), Sampling.INDEPENDENT, true);
    assertEquals(0, Measures.divergence(policy, LOG_CHOSEN), 1e-9);
  }

  /** With another β the critic is β log π/π_0, so that the policy has the ratio's power 1/β. */
  @Test
  void atAnotherBetaDpoSharpensTheRatio() {
    double[] policy = fit("dpo", Map.of("beta", 0.5), Sampling.INDEPENDENT, true);
    double[] expected = WORLD.logReference();
    Arrays.setAll(expected, i -> 2 * LOG_CHOSEN[i] - expected[i]);
    assertEquals(0, Measures.divergence(policy, ExactWorld.normalised(expected)), 1e-9);
  }

  /** Eq. 7: on preference pairs DPO's minimum is eq. 2's optimum at the same β. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1})
  void onPreferencePairsDpoIsTheOptimumOfRlhf(double beta) {
    double[] policy = fit("dpo", Map.of("beta", beta), Sampling.PREFERENCES, true);
    assertEquals(0, Measures.divergence(policy, WORLD.logOptimum(beta)), 1e-6);
  }

  /** Eq. 19 and 22 over several prompts, for a policy that nothing normalises, and one that is. */
  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dil-power", "dil-rulsif"})
  void withAnswersOfTheReferenceThePolicyIsTheChosenDistribution(String name) {
    assertArrayEquals(
        WORLD.chosen(), Measures.exp(fit(name, Map.of(), Sampling.INDEPENDENT, false)), 1e-6);
    assertArrayEquals(
        WORLD.chosen(), Measures.exp(fit(name, Map.of(), Sampling.INDEPENDENT, true)), 1e-6);
  }

  /**
   * With rejected answers in the reference's place, the normalised minimum of LSIF is π = π_0
   * max(0, π_w − λ π_0)/π_l, λ such that it sums to 1: it takes whole answers away.
   */
  @Test
  void withRejectedAnswersLsifTakesAnswersAway() {
    double[] learnt = fit("dil-lsif", Map.of(), Sampling.PREFERENCES, true);
    double[] expected = new double[ExactWorld.SIZE];
    int away = 0;
    for (int x = 0; x < ExactWorld.PROMPTS; x++) {
      double low = -100;
      double high = 100;
      for (int step = 0; step < 200; step++) {
        double lambda = (low + high) / 2;
        double sum = 0;
        for (int i = x * ExactWorld.ANSWERS; i < (x + 1) * ExactWorld.ANSWERS; i++) {
          double reference = WORLD.reference()[i];
          expected[i] =
              reference * Math.max(0, WORLD.chosen()[i] - lambda * reference) / WORLD.rejected()[i];
          sum += expected[i];
        }
        if (sum > 1) {
          low = lambda;
        } else {
          high = lambda;
        }
      }
    }
    for (double probability : expected) {
      away += probability == 0 ? 1 : 0;
    }
    assertArrayEquals(expected, Measures.exp(learnt), 1e-5);
    assertTrue(away > 0, "this world must show it");
  }

  private static double[] fit(
      String name, Map<String, ?> parameters, Sampling sampling, boolean normalised) {
    TabularLoss loss = new TabularLoss(Losses.create(name, parameters), WORLD, 1);
    return new TabularFit(loss, WORLD, normalised)
        .fit(List.of(WORLD.pairs(sampling)))
        .get(0)
        .last();
  }
}
