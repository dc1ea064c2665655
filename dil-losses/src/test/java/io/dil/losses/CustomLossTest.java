package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        "dpo+sft: parameter must belong to one of dpo, sft, got gamma",
        assertThrows(
                IllegalArgumentException.class,
                () -> Losses.mixture(List.of("dpo", "sft"), List.of(1., 1.), Map.of("gamma", 1)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Losses.mixture(List.of("dpo", "kto"), List.of(1., 1.), Map.of()));
  }

  @Test
  void aMixtureHasANameWeightsAndEveryParameterOfItsLosses() {
    Map<String, Object> given =
        Map.of("loss_weights", "[0.8, 0.2, 1]", "beta", 0.3, "bco_pair.beta", 0.2);
    assertEquals(
        new Mixture(
            List.of(
                new Mixture.Component(0.8, new Dpo(Reduction.SUM, 0.3, 0)),
                new Mixture.Component(0.2, new BcoPair(Reduction.SUM, 0.2)),
                new Mixture.Component(1, new Sft(Reduction.MEAN)))),
        Losses.create("sigmoid+bco_pair+sft", given));
    LossDescription resolved = Losses.resolve("sigmoid+bco_pair+sft", given);
    assertEquals("dpo+bco-pair+sft", resolved.name());
    assertEquals(
        "{loss_weights=[0.8, 0.2, 1], dpo.beta=0.3, dpo.label_smoothing=0, dpo.reduction=sum,"
            + " bco-pair.beta=0.2, bco-pair.reduction=sum, sft.average_over=responses,"
            + " sft.reduction=mean}",
        resolved.parameters().toString());
    LossSpec spec = Losses.describe("hinge+sft");
    assertTrue(spec.knows("beta") && spec.knows("sft.average_over") && spec.knows("loss_weights"));
    // The likelihood has a weight of its own, and a pair loss no average.
    assertFalse(spec.knows("rpo_alpha") || spec.knows("hinge.average_over") || spec.knows("tau"));
    assertTrue(spec.needsReference() && !spec.takesRewards());
    assertEquals(LossShape.PAIR, spec.shape());
  }

  @Test
  void aMixtureThatIsNoneIsRefused() {
    Map<String, String> wrong =
        Map.of(
            "dpo+dpo", "mixture must name a loss once, got dpo twice",
            "sft+sft", "mixture must name a loss once, got sft twice",
            "sft+nll", "mixture must name a loss once, got sft twice",
            "dpo+reward-bt", "got a loss of rewards",
            "dpo+kto", "got a loss of labelled responses",
            "dpo+nothing", "loss must be one of");
    wrong.forEach(
        (name, text) -> {
          String message =
              assertThrows(IllegalArgumentException.class, () -> Losses.create(name)).getMessage();
          assertTrue(message.contains(text), message);
        });
    for (String weights : List.of("[1]", "[1, 2, 3]", "[1, 0]", "[1, -1]", "[1, x]", "")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Losses.create("dpo+sft", Map.of("loss_weights", weights)))
              .getMessage();
      assertTrue(message.startsWith("dpo+sft: loss_weights "), message);
    }
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
