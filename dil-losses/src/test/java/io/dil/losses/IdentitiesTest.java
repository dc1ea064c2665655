package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Relations between losses that hold by algebra. */
class IdentitiesTest {
  private static final Responses DATA = Responses.random(31, 9);

  @Test
  void bcoPairWithBetaOneOnAverageLogRatiosIsDilBce() {
    same("dil-bce", Map.of(), "bco-pair", Map.of("beta", "1", "reduction", "mean"), 1e-14);
  }

  @Test
  void fDpoUnderReverseKlIsDpo() {
    same("dpo", Map.of("beta", "0.3"), "f-dpo", Map.of("beta", "0.3"), 0);
  }

  @Test
  void alphaDivergenceTendsToReverseKlAndToForwardKl() {
    Map<String, String> small = Map.of("reduction", "mean", "divergence", "alpha", "alpha", "1e-6");
    same("dpo", Map.of("reduction", "mean"), "f-dpo", small, 1e-5);
    Map<String, String> large =
        Map.of("reduction", "mean", "divergence", "alpha", "alpha", "0.999999");
    Map<String, String> forward = Map.of("reduction", "mean", "divergence", "forward-kl");
    same("f-dpo", forward, "f-dpo", large, 1e-5);
  }

  @Test
  void kliepWithMultiplierOneIsUklUpToAConstant() {
    double[] ukl = losses("dil-ukl", Map.of());
    double[] kliep = losses("dil-kliep", Map.of());
    assertArrayEquals(Arrays.stream(ukl).map(x -> x - 1).toArray(), kliep, 1e-12);
    assertArrayEquals(
        Evaluation.of(Losses.create("dil-ukl"), DATA).gradient(),
        Evaluation.of(Losses.create("dil-kliep"), DATA).gradient(),
        1e-12);
  }

  @Test
  void powerIsTwiceLsifAtOneAndTendsToUkl() {
    double[] lsif = losses("dil-lsif", Map.of());
    double[] one = losses("dil-power", Map.of("power", "1"));
    assertArrayEquals(Arrays.stream(lsif).map(x -> 2 * x + 1).toArray(), one, 1e-12);
    double[] ukl = losses("dil-ukl", Map.of());
    double[] small = losses("dil-power", Map.of("power", "1e-7"));
    assertArrayEquals(Arrays.stream(ukl).map(x -> x - 1).toArray(), small, 1e-6);
    assertArrayEquals(
        Evaluation.of(Losses.create("dil-ukl"), DATA).gradient(),
        Evaluation.of(Losses.create("dil-power", Map.of("power", "1e-7")), DATA).gradient(),
        1e-6);
  }

  @Test
  void alphaPoTendsToSimpo() {
    same("simpo", Map.of(), "alphapo", Map.of("alpha", "1e-7"), 1e-5);
  }

  @Test
  void relativeRatiosTendToLsifAsTheMixtureTendsToTheReference() {
    same("dil-lsif", Map.of(), "dil-rulsif", Map.of("alpha", "1e-9"), 1e-6);
  }

  /** The relative loss is itself a Bregman loss: the h of its Javadoc gives the same gradients. */
  @Test
  void powerAndRelativeRatiosAreTheBregmanLossesOfTheirH() {
    double a = 0.7;
    double[] power =
        Evaluation.of(
                Bregman.of(
                    rho -> rho.pow(1 + a).sub(rho).div(a),
                    rho -> rho.pow(a).mul(1 + a).sub(1).div(a)),
                DATA)
            .losses();
    assertArrayEquals(losses("dil-power", Map.of("power", "" + a)), power, 1e-12);
    double alpha = 0.3;
    double rest = 1 - alpha;
    double[] relative =
        Evaluation.of(
                Bregman.of(
                    rho -> rho.mul(alpha).add(rest).pow(-1).mul(rest * rest / (2 * alpha * alpha)),
                    rho -> rho.mul(alpha).add(rest).pow(-2).mul(-rest * rest / (2 * alpha))),
                DATA)
            .gradient();
    assertArrayEquals(
        Evaluation.of(Losses.create("dil-rulsif", Map.of("alpha", "" + alpha)), DATA).gradient(),
        relative,
        1e-12);
  }

  @Test
  void robustDpoAndConservativeDpoWithoutFlipsAreDpo() {
    same("dpo", Map.of(), "robust-dpo", Map.of("label_smoothing", "0"), 1e-15);
    same("dpo", Map.of(), "dpo", Map.of("label_smoothing", "0"), 0);
  }

  /** The expectation of the robust loss over flips is the clean loss: that is what it is for. */
  @Test
  void robustDpoIsUnbiasedUnderFlips() {
    Map<String, String> noise = Map.of("label_smoothing", "0.2");
    double[] kept = losses("robust-dpo", noise);
    double[] flipped = Evaluation.of(Losses.create("robust-dpo", noise), swapped(DATA)).losses();
    double[] clean = losses("dpo", Map.of());
    for (int i = 0; i < clean.length; i++) {
      assertEquals(clean[i], 0.8 * kept[i] + 0.2 * flipped[i], 1e-12);
    }
  }

  @Test
  void dpoOfSwappedPairsIsTheOtherSideOfTheLogistic() {
    double[] forward = losses("dpo", Map.of("beta", "0.2"));
    double[] backward =
        Evaluation.of(Losses.create("dpo", Map.of("beta", "0.2")), swapped(DATA)).losses();
    for (int i = 0; i < forward.length; i++) {
      assertEquals(1, Math.exp(-forward[i]) + Math.exp(-backward[i]), 1e-12);
    }
  }

  /**
   * §4.5 of the paper: InfoNCE with one negative, −log[ρ_w^β / (ρ_w^β + ρ_l^β)], with the policy as
   * ratio model, is DPO.
   */
  @Test
  void dpoIsInfoNceWithOneNegative() {
    double beta = 0.4;
    double[] dpo = losses("dpo", Map.of("beta", "0.4", "reduction", "mean"));
    for (int i = 0; i < dpo.length; i++) {
      double chosen = Math.exp(beta * ratio(i));
      double rejected = Math.exp(beta * ratio(DATA.pairs() + i));
      assertEquals(-Math.log(chosen / (chosen + rejected)), dpo[i], 1e-12);
    }
  }

  /** Only gradients of DPO-like losses sum to 0 over a pair: they see the difference alone. */
  @Test
  void lossesOfTheDifferenceDoNotMoveBothSides() {
    for (String name : new String[] {"dpo", "hinge", "robust-dpo", "exo-pair", "discopop"}) {
      double[] gradient = Evaluation.of(Losses.create(name), DATA).gradient();
      for (int i = 0; i < DATA.pairs(); i++) {
        assertEquals(0, gradient[i] + gradient[DATA.pairs() + i], 1e-15, name);
      }
    }
  }

  @Test
  void ktoWithoutKlIsTheUnpairedApoZero() {
    Responses data = new Responses(DATA.policy(), DATA.reference(), DATA.tokens(), 0);
    double[] kto = Evaluation.of(Losses.create("kto"), data).losses();
    double[] apo = losses("apo-zero", Map.of());
    for (int i = 0; i < apo.length; i++) {
      assertEquals(apo[i], kto[i] + kto[data.pairs() + i], 1e-14);
    }
  }

  @Test
  void aNegativeKlCountsAsZero() {
    assertArrayEquals(
        Evaluation.of(Losses.create("kto"), kl(0)).losses(),
        Evaluation.of(Losses.create("kto"), kl(-2)).losses());
  }

  private static Responses kl(double kl) {
    return new Responses(DATA.policy(), DATA.reference(), DATA.tokens(), kl);
  }

  @Test
  void oneTokenResponsesAreReducedAlike() {
    double[] ones = new double[DATA.tokens().length];
    Arrays.fill(ones, 1);
    Responses data = new Responses(DATA.policy(), DATA.reference(), ones, DATA.kl());
    for (String name : Losses.names()) {
      double[] sum = Evaluation.of(Losses.create(name, Map.of("reduction", "sum")), data).losses();
      double[] mean =
          Evaluation.of(Losses.create(name, Map.of("reduction", "mean")), data).losses();
      assertArrayEquals(sum, mean, name);
    }
  }

  private static double ratio(int i) {
    return (DATA.policy()[i] - DATA.reference()[i]) / DATA.tokens()[i];
  }

  private static Responses swapped(Responses data) {
    return new Responses(
        swapped(data.policy()), swapped(data.reference()), swapped(data.tokens()), data.kl());
  }

  private static double[] swapped(double[] values) {
    double[] swapped = new double[values.length];
    int half = values.length / 2;
    System.arraycopy(values, half, swapped, 0, half);
    System.arraycopy(values, 0, swapped, half, half);
    return swapped;
  }

  private static double[] losses(String name, Map<String, String> parameters) {
    return Evaluation.of(Losses.create(name, parameters), DATA).losses();
  }

  private static void same(
      String first, Map<String, String> one, String second, Map<String, String> other, double by) {
    Evaluation expected = Evaluation.of(Losses.create(first, one), DATA);
    Evaluation actual = Evaluation.of(Losses.create(second, other), DATA);
    assertArrayEquals(expected.losses(), actual.losses(), by);
    assertArrayEquals(expected.gradient(), actual.gradient(), by);
  }
}
