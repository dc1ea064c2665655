package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pairs and losses of pairs offer beside their formula, and exponentials beyond the bound. */
class PairwiseTest {
  private static final Responses DATA = Responses.random(41, 4);

  @Test
  void withoutAReferenceOnlyALossThatNeedsNoneIsTaken() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray chosen = manager.create(new double[] {-2, -3});
      NDArray rejected = manager.create(new double[] {-4, -1});
      NDArray tokens = manager.create(new double[] {2, 4});
      PairLogProbs policy = new PairLogProbs(chosen, rejected, tokens, tokens);
      assertEquals(2, policy.size());
      assertSame(manager, policy.manager());
      assertArrayEquals(
          new double[] {-1, -0.75}, policy.reduced(Reduction.MEAN).chosen().toDoubleArray());
      assertArrayEquals(
          new double[] {-2, -0.25}, policy.reduced(Reduction.MEAN).rejected().toDoubleArray());
      assertSame(chosen, policy.demonstrations().logProbs());
      PairwiseLoss own =
          PairwiseLoss.referenceFree(Reduction.SUM, pairs -> pairs.rejected().sub(pairs.chosen()));
      assertArrayEquals(
          new double[] {-2, 2}, own.compute(policy).perExample().toDoubleArray(), 1e-15);
      PairwiseLoss dpo = (PairwiseLoss) Losses.create("dpo");
      assertEquals(
          "this loss needs reference log-probabilities, got none",
          assertThrows(IllegalStateException.class, () -> dpo.compute(policy)).getMessage());
    }
  }

  @Test
  void demonstrationsAreAddedPerToken() {
    PairwiseLoss dpo = (PairwiseLoss) Losses.create("dpo");
    double[] plain = Evaluation.of(dpo, DATA).losses();
    double[] more = Evaluation.of(dpo.plusDemonstrations(0.7), DATA).losses();
    for (int i = 0; i < plain.length; i++) {
      assertEquals(plain[i] - 0.7 * DATA.policy()[i] / DATA.tokens()[i], more[i], 1e-12);
    }
  }

  @Test
  void alphaPoAtZeroIsSimpo() {
    assertArrayEquals(
        Evaluation.of(Losses.create("simpo"), DATA).losses(),
        Evaluation.of(Losses.create("alphapo", Map.of("alpha", 0)), DATA).losses(),
        1e-15);
  }

  /** Beyond the bound each side is the straight line that touches the curve there. */
  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-kliep", "dil-power"})
  void aDensityRatioLossIsAStraightLineBeyondItsBound(String name) {
    double bound = 1.5;
    for (String samples : new String[] {"rejected", "both"}) {
      PreferenceLoss loss =
          Losses.create(name, Map.of("log_ratio_bound", bound, "reference_samples", samples));
      double[] at = {bound, 0.5, bound + 2, 0.5, bound};
      double[] other = {0.5, bound, 0.5, bound + 2, bound};
      Evaluation evaluation = Evaluation.of(loss, Responses.ofRatios(at, other));
      double[] losses = evaluation.losses();
      double[] gradient = evaluation.gradient();
      assertEquals(losses[0] + 2 * gradient[0], losses[2], 1e-9, "chosen, " + samples);
      assertEquals(losses[1] + 2 * gradient[6], losses[3], 1e-9, "rejected, " + samples);
      assertEquals(gradient[0], gradient[2], 1e-9);
      assertEquals(gradient[6], gradient[8], 1e-9);
    }
  }

  /** The exponent is -r, so it is small ratios that go beyond the bound. */
  @Test
  void forwardKlAndAlphaGoOnAsTangentsBelowMinusTheBound() {
    double beta = 0.3;
    double alpha = 0.4;
    double bound = 1;
    double[] chosen = {2, -3};
    double[] rejected = {-2, 0.5};
    double[] powers = {1, alpha};
    String[] names = {"forward-kl", "alpha"};
    for (int k = 0; k < 2; k++) {
      Map<String, Object> parameters = new HashMap<>();
      parameters.put("divergence", names[k]);
      parameters.put("beta", beta);
      parameters.put("log_ratio_bound", bound);
      if (k == 1) {
        parameters.put("alpha", alpha);
      }
      double[] losses =
          Evaluation.of(Losses.create("f-dpo", parameters), Responses.ofRatios(chosen, rejected))
              .losses();
      for (int i = 0; i < 2; i++) {
        double gap =
            (continued(-rejected[i], powers[k], bound) - continued(-chosen[i], powers[k], bound))
                / powers[k];
        assertEquals(Math.log1p(Math.exp(-beta * gap)), losses[i], 1e-12, names[k]);
      }
    }
  }

  private static double continued(double r, double scale, double bound) {
    return r <= bound ? Math.exp(scale * r) : Math.exp(scale * bound) * (1 + scale * (r - bound));
  }
}
