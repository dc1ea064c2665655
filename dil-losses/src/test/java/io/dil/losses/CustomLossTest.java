package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CustomLossTest {
  private static final Responses DATA = Responses.random(12, 5);

  @Test
  void aLambdaSeesReducedLogProbabilities() {
    PairwiseLoss own =
        PairwiseLoss.of(
            Reduction.MEAN,
            (policy, reference) ->
                reference
                    .chosen()
                    .sub(policy.chosen())
                    .add(policy.rejected().sub(reference.rejected()).exp()));
    same(Evaluation.of(Losses.create("dil-ukl"), DATA), Evaluation.of(own, DATA));
  }

  @Test
  void aLambdaOfLogRatiosIsTheNamedLoss() {
    PairwiseLoss own =
        PairwiseLoss.ofLogRatios(Reduction.SUM, (chosen, rejected) -> rejected.exp().sub(chosen));
    same(
        Evaluation.of(Losses.create("dil-ukl", Map.of("reduction", "sum")), DATA),
        Evaluation.of(own, DATA));
  }

  @Test
  void aReferenceFreeLambdaNeedsNoReference() {
    PairwiseLoss own =
        PairwiseLoss.referenceFree(Reduction.SUM, policy -> policy.rejected().sub(policy.chosen()));
    assertFalse(own.needsReference());
    double[] losses = Evaluation.of(own, DATA).losses();
    for (int i = 0; i < losses.length; i++) {
      assertEquals(DATA.policy()[DATA.pairs() + i] - DATA.policy()[i], losses[i], 1e-12);
    }
  }

  @Test
  void aMixtureIsTheWeightedSumOfItsParts() {
    PairwiseLoss dpo = (PairwiseLoss) Losses.create("dpo");
    PairwiseLoss ukl = (PairwiseLoss) Losses.create("dil-ukl");
    Sft sft = new Sft(Reduction.MEAN);
    Mixture mixture =
        new Mixture(
            List.of(
                new Mixture.Component(2, sft),
                new Mixture.Component(0.8, dpo),
                new Mixture.Component(0.2, ukl)));
    Evaluation whole = Evaluation.of(mixture, DATA);
    double[] first = Evaluation.of(dpo, DATA).losses();
    double[] second = Evaluation.of(ukl, DATA).losses();
    for (int i = 0; i < DATA.pairs(); i++) {
      double nll = -DATA.policy()[i] / DATA.tokens()[i];
      assertEquals(2 * nll + 0.8 * first[i] + 0.2 * second[i], whole.losses()[i], 1e-10);
    }
    assertArrayEquals(Evaluation.of(dpo, DATA).rewards(), whole.rewards());
  }

  @Test
  void aMixtureByNameGivesEachParameterToThoseThatKnowIt() {
    PairwiseLoss mixture =
        Losses.mixture(
            List.of("sigmoid", "bco_pair", "sft"),
            List.of(0.8, 0.2, 1.0),
            Map.of("beta", 0.3, "bco_pair.reduction", "mean"));
    assertEquals(
        new Mixture(
            List.of(
                new Mixture.Component(0.8, new Dpo(Reduction.SUM, 0.3, 0)),
                new Mixture.Component(0.2, new BcoPair(Reduction.MEAN, 0.3)),
                new Mixture.Component(1, new Sft(Reduction.MEAN)))),
        mixture);
    assertEquals(
        "parameter must belong to one of dpo, sft, got gamma",
        assertThrows(
                IllegalArgumentException.class,
                () -> Losses.mixture(List.of("dpo", "sft"), List.of(1., 1.), Map.of("gamma", 1)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Losses.mixture(List.of("dpo", "kto"), List.of(1., 1.), Map.of()));
  }

  @Test
  void rpoAddsTheLengthNormalisedLikelihood() {
    double[] plain = Evaluation.of(Losses.create("dpo"), DATA).losses();
    double[] rpo = Evaluation.of(Losses.create("dpo", Map.of("rpo_alpha", 0.5)), DATA).losses();
    for (int i = 0; i < DATA.pairs(); i++) {
      assertEquals(plain[i] - 0.5 * DATA.policy()[i] / DATA.tokens()[i], rpo[i], 1e-12);
    }
  }

  @Test
  void aLossThatIsNotFiniteNamesItsRow() {
    try (NDManager manager = NDManager.newBaseManager()) {
      PairLogProbs policy = constant(manager, 0, 900);
      PairLogProbs reference = constant(manager, 0, 0);
      LossOutput output = ((PairwiseLoss) Losses.create("dil-lsif")).compute(policy, reference);
      ArithmeticException error =
          assertThrows(ArithmeticException.class, () -> output.requireFinite());
      assertEquals(
          "loss of row 1 must be finite, got Infinity (implicit rewards [0.0, 900.0])",
          error.getMessage());
    }
  }

  private static PairLogProbs constant(NDManager manager, double first, double second) {
    return new PairLogProbs(
        manager.create(new double[] {0, 0}),
        manager.create(new double[] {first, second}),
        manager.create(new double[] {1, 1}),
        manager.create(new double[] {1, 1}));
  }

  private static void same(Evaluation expected, Evaluation actual) {
    assertArrayEquals(expected.losses(), actual.losses(), 1e-9);
    assertArrayEquals(expected.gradient(), actual.gradient(), 1e-9);
    assertArrayEquals(expected.rewards(), actual.rewards(), 1e-12);
  }
}
