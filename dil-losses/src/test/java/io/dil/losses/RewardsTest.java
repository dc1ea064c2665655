package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The implicit reward of every loss, written out: a scale times the log-ratio, or times the
 * log-probability where there is no reference.
 */
class RewardsTest {
  private static final Responses DATA = Responses.random(17, 6);
  private static final double SCALE = 0.37;

  /** Losses whose reward is scaled by their β; the others stand below. */
  private static final Set<String> BETA =
      Set.of(
          "dpo",
          "f-dpo",
          "cpo",
          "simpo",
          "alphapo",
          "kto",
          "kto-pair",
          "hinge",
          "robust-dpo",
          "orpo",
          "bco-pair",
          "nca-pair",
          "exo-pair",
          "apo-zero",
          "apo-zero-unpaired",
          "apo-down",
          "sppo-hard",
          "aot",
          "aot-unpaired",
          "discopop");

  /** Losses whose reward is the log-ratio, the log-probability or a model's reward itself. */
  private static final Set<String> ONE =
      Set.of(
          "dil-lsif",
          "dil-ukl",
          "dil-bce",
          "dil-kliep",
          "dil-power",
          "dil-rulsif",
          "slic",
          "simper",
          "reward-bt");

  record Case(String name, String reduction) {
    @Override
    public String toString() {
      return name + " " + reduction;
    }
  }

  static Stream<Case> cases() {
    return Losses.names().stream()
        .flatMap(name -> Stream.of(new Case(name, "sum"), new Case(name, "mean")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRewardIsTheScaledRatioOrLogProbability(Case each) {
    Map<String, Object> parameters = new LinkedHashMap<>(Map.of("reduction", each.reduction));
    double scale = 1;
    if (BETA.contains(each.name)) {
      scale = SCALE;
      parameters.put("beta", SCALE);
    } else if (each.name.equals("ipo")) {
      scale = SCALE;
      parameters.put("tau", SCALE);
    } else if (each.name.equals("sft")) {
      // A demonstration is compared with nothing.
      scale = 0;
    } else {
      assertTrue(ONE.contains(each.name), "a loss without a known scale");
    }
    PreferenceLoss loss = Losses.create(each.name, parameters);
    double[] expected = new double[DATA.policy().length];
    for (int i = 0; i < expected.length; i++) {
      double reference = loss.needsReference() ? DATA.reference()[i] : 0;
      double length = each.reduction.equals("mean") ? DATA.tokens()[i] : 1;
      expected[i] = scale * (DATA.policy()[i] - reference) / length;
    }
    assertArrayEquals(expected, Evaluation.of(loss, DATA).rewards(), 1e-12);
  }

  /**
   * A loss that stops being a constant where policy and reference agree is no longer checked before
   * the first step, so which losses have one is held here.
   */
  @Test
  void theLossesWithoutAConstantAtTheReferenceAreTheseAlone() {
    Set<String> without = new TreeSet<>();
    for (LossSpec spec : Losses.describe()) {
      if (spec.create(Map.of()).valueAtReference().isEmpty()) {
        without.add(spec.name());
      }
    }
    assertEquals(
        new TreeSet<>(
            List.of(
                "slic",
                "cpo",
                "simpo",
                "alphapo",
                "simper",
                "kto",
                "apo-zero-unpaired",
                "orpo",
                "reward-bt",
                "sft")),
        without);
  }

  /** The constant is that of the loss as it is set, not as it is by default. */
  @ParameterizedTest
  @MethodSource("settings")
  void theConstantAtTheReferenceFollowsTheParameters(String name, Map<String, String> parameters) {
    PreferenceLoss loss = Losses.create(name, parameters);
    double expected = loss.valueAtReference().orElseThrow();
    Responses data = DATA.withReference(DATA.policy());
    for (double value : Evaluation.of(loss, data).losses()) {
      assertEquals(expected, value, 1e-12 * Math.max(1, Math.abs(value)));
    }
  }

  static Stream<Arguments> settings() {
    return Losses.describe().stream()
        .filter(spec -> spec.create(Map.of()).valueAtReference().isPresent())
        .flatMap(
            spec ->
                spec.parameters().stream()
                    .filter(parameter -> parameter.domain().names().isEmpty())
                    .filter(parameter -> !parameter.name().equals("rpo_alpha"))
                    .flatMap(
                        parameter ->
                            Stream.of("0.3", "1.7")
                                .filter(value -> allowed(spec, parameter, value))
                                .map(
                                    value ->
                                        Arguments.of(
                                            spec.name(), Map.of(parameter.name(), value)))));
  }

  private static boolean allowed(LossSpec spec, LossParameter parameter, String value) {
    // alpha belongs to one divergence alone; a multiplier other than 1 has no constant to tell.
    return parameter.domain().contains(Double.parseDouble(value))
        && !(spec.name().equals("f-dpo") && !parameter.name().equals("beta"));
  }

  /** The paired form with weights that differ, written out: K of each side from the other. */
  @Test
  void ktoOfPairsWeighsItsTwoSides() {
    double beta = 0.6;
    double[] chosen = {1, 3, -1};
    double[] rejected = {-2, 1, 0.5};
    // The means are 1 and -1/6, which counts as 0.
    PreferenceLoss loss =
        Losses.create(
            "kto-pair", Map.of("beta", beta, "desirable_weight", 3, "undesirable_weight", 0.25));
    Evaluation evaluation = Evaluation.of(loss, Responses.ofRatios(chosen, rejected));
    for (int i = 0; i < 3; i++) {
      double good = 1 / (1 + Math.exp(beta * (chosen[i] - 0)));
      double bad = 1 / (1 + Math.exp(beta * (1 - rejected[i])));
      assertEquals(0.5 * 3 * good + 0.5 * 0.25 * bad, evaluation.losses()[i], 1e-12);
      assertEquals(-1.5 * beta * good * (1 - good), evaluation.gradient()[i], 1e-12);
      assertEquals(0.125 * beta * bad * (1 - bad), evaluation.gradient()[3 + i], 1e-12);
    }
    assertEquals(0.25 * (3 + 0.25), loss.valueAtReference().orElseThrow());
  }

  @Test
  void ktoAloneWantsADivergence() {
    assertTrue(((PointwiseLoss) Losses.create("kto")).needsKl());
    assertFalse(((PointwiseLoss) Losses.create("apo-zero-unpaired")).needsKl());
  }

  /** KTO's KL is of the ratios as its reduction makes them: with mean, of ratios per token. */
  @Test
  void theDivergenceIsReducedLikeTheLoss() {
    double[] policy = {-4, -9, -2};
    double[] reference = {-6, -12, -1};
    double[] tokens = {2, 3, 4};
    double sum = ((6 - 4) + (12 - 9) + (1 - 2)) / 3.0;
    double mean = ((6 - 4) / 2.0 + (12 - 9) / 3.0 + (1 - 2) / 4.0) / 3;
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray counts = manager.create(tokens);
      ResponseLogProbs live = new ResponseLogProbs(manager.create(policy), counts);
      ResponseLogProbs frozen = new ResponseLogProbs(manager.create(reference), counts);
      for (String name : List.of("kto", "apo-zero-unpaired")) {
        assertEquals(sum, kl(name, "sum", live, frozen), 1e-15);
        assertEquals(mean, kl(name, "mean", live, frozen), 1e-15);
      }
    }
  }

  private static double kl(
      String name, String reduction, ResponseLogProbs live, ResponseLogProbs frozen) {
    PointwiseLoss loss = (PointwiseLoss) Losses.create(name, Map.of("reduction", reduction));
    return loss.kl(live, frozen).getDouble();
  }

  @Test
  void theAnchorCarriesNoGradientThoughItWasMadeFromThePolicy() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray policy = manager.create(new double[] {-1, -2});
      policy.setRequiresGradient(true);
      NDArray ones = manager.ones(policy.getShape(), policy.getDataType());
      ResponseLogProbs live = new ResponseLogProbs(policy, ones);
      ResponseLogProbs frozen = new ResponseLogProbs(manager.create(new double[] {-4, -3}), ones);
      PointwiseLoss kto = (PointwiseLoss) Losses.create("kto");
      collector.backward(kto.kl(live, frozen).add(policy.mul(0).sum()));
      assertEquals(0, policy.getGradient().abs().sum().getDouble(), "the estimate is a number");
      // The estimate itself, and an anchor that a caller left in the graph.
      for (NDArray kl : List.of(kto.kl(live, frozen), policy.mean().add(3.5))) {
        NDArray desirable = manager.create(new double[] {1, 1});
        NDArray losses = kto.compute(live, frozen, desirable, kl).perExample();
        collector.backward(losses.get(0));
        double[] gradient = policy.getGradient().toDoubleArray();
        policy.getGradient().muli(0);
        assertEquals(0, gradient[1], 0.0, "row 1 takes no part in the loss of row 0");
      }
    }
  }
}
