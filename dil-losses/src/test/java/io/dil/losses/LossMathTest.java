package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The functions that losses are written in, beyond their bounds too, and the checks they share. */
class LossMathTest {
  private static final OptionalDouble NONE = OptionalDouble.empty();

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(double... values) {
    return manager.create(values);
  }

  @Test
  void expm1GoesOnAsItsTangentBeyondTheBound() {
    double scale = 0.5;
    double bound = 3;
    double slope = scale * Math.exp(scale * bound);
    assertArrayEquals(
        new double[] {
          Math.expm1(scale * -2), Math.expm1(scale * 3), Math.expm1(scale * 3) + slope * (7 - 3)
        },
        LossMath.expm1(array(-2, 3, 7), scale, OptionalDouble.of(bound)).toDoubleArray(),
        1e-12);
    assertArrayEquals(
        new double[] {Math.expm1(scale * -2), Math.expm1(scale * 7), Math.expm1(1e-12 * scale)},
        LossMath.expm1(array(-2, 7, 1e-12), scale, NONE).toDoubleArray(),
        1e-12);
  }

  @Test
  void aPowerDifferenceIsBoundedInBothTerms() {
    double power = 0.5;
    OptionalDouble bound = OptionalDouble.of(2);
    // -w = -1 and 5, -l = 1 and 6: one of each within the bound and one beyond.
    double[] chosen = {Math.exp(0.5 * -1), Math.exp(1) * (1 + 0.5 * (5 - 2))};
    double[] rejected = {Math.exp(0.5 * 1), Math.exp(1) * (1 + 0.5 * (6 - 2))};
    assertArrayEquals(
        new double[] {(rejected[0] - chosen[0]) / power, (rejected[1] - chosen[1]) / power},
        LossMath.powerDifference(array(1, -5), array(-1, -6), power, bound).toDoubleArray(),
        1e-12);
  }

  @Test
  void aPowerDifferenceUsesTheRangeOfItsType() {
    // An exponent of 100 is far inside fp64: nothing is held there.
    double held = LossMath.powerDifference(array(0), array(-100), 1, NONE).toDoubleArray()[0];
    assertEquals(Math.exp(100) - 1, held, 1e-12 * Math.exp(100));
    // The rejected exponent is held at the limit, the chosen one is infinite just above it.
    double top = LossMath.powerDifference(array(0), array(-2000), 1, NONE).toDoubleArray()[0];
    assertEquals(Math.exp(690), top, 1e-12 * Math.exp(690));
    for (double[] beyond : new double[][] {{-691, 0}, {-2000, -2000}}) {
      assertEquals(
          Double.NEGATIVE_INFINITY,
          LossMath.powerDifference(array(beyond[0]), array(beyond[1]), 1, NONE).getDouble());
    }
    NDArray w = manager.create(new float[] {0, -81});
    NDArray l = manager.create(new float[] {-200, 0});
    float[] single = LossMath.powerDifference(w, l, 1, NONE).toFloatArray();
    assertEquals(Math.exp(80), single[0], 1e-5 * Math.exp(80));
    assertEquals(Float.NEGATIVE_INFINITY, single[1]);
  }

  @Test
  void finiteLossesPassAndOthersNameTheirRowAndRewards() {
    NDArray rewards = array(1, 2, 3);
    assertDoesNotThrow(() -> LossMath.requireFinite(array(0, -1, 1e300), rewards));
    for (double value : List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)) {
      assertEquals(
          "loss of row 2 must be finite, got " + value + " (implicit rewards [3.0])",
          assertThrows(
                  ArithmeticException.class,
                  () -> LossMath.requireFinite(array(0, -1, value), rewards))
              .getMessage());
    }
  }

  @Test
  void arraysOfOtherShapesAreRejected() {
    NDArray two = array(1, 2);
    NDArray three = array(1, 2, 3);
    NDArray square = manager.ones(new Shape(2, 2), DataType.FLOAT64);
    rejected("rejected", () -> new PairLogProbs(two, three, two, two));
    rejected("chosenTokens", () -> new PairLogProbs(two, two, three, two));
    rejected("rejectedTokens", () -> new PairLogProbs(two, two, two, three));
    rejected("chosen must have shape (B)", () -> new PairLogProbs(square, square, square, square));
    rejected("logProbs must have shape (B)", () -> new ResponseLogProbs(square, square));
    rejected("tokens", () -> new ResponseLogProbs(two, three));
    PairLogProbs pairs = new PairLogProbs(two, two, two, two);
    PairLogProbs more = new PairLogProbs(three, three, three, three);
    rejected("reference", () -> pairs.logRatios(more, Reduction.SUM));
    ResponseLogProbs responses = new ResponseLogProbs(two, two);
    rejected(
        "reference", () -> responses.logRatios(new ResponseLogProbs(three, three), Reduction.SUM));
    PointwiseLoss kto = (PointwiseLoss) Losses.create("kto");
    rejected("desirable", () -> kto.compute(responses, responses, three, array(0).sum()));
    rejected("rejected", () -> PairRewards.of(two, three));
    rejected("margins", () -> new PairRewards(two, two, three));
  }

  private static void rejected(String begin, Runnable made) {
    String message = assertThrows(IllegalArgumentException.class, made::run).getMessage();
    assertTrue(message.startsWith(begin), message);
    assertTrue(message.contains(" must have "), message);
  }

  @Test
  void aMixtureWithoutPairsIsRejected() {
    Mixture.Component sft = new Mixture.Component(1, new Sft(Reduction.MEAN));
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Mixture(List.of(sft))).getMessage();
    assertEquals("mixture must hold a loss of pairs, got none", message);
  }

  @Test
  void aMixtureNeedsWhatOneOfItsPartsNeeds() {
    Mixture plain = mixture(Losses.create("simpo"), new Sft(Reduction.SUM));
    assertTrue(plain.needsTokens());
    assertFalse(plain.needsReference());
    assertFalse(plain.coupled());
    assertTrue(plain.valueAtReference().isEmpty());
    Mixture dpo = mixture(new Sft(Reduction.SUM), Losses.create("dpo"));
    assertFalse(dpo.needsTokens());
    assertTrue(dpo.needsReference());
    assertFalse(dpo.coupled());
    // SFT is no constant where policy and reference agree, so neither is the sum.
    assertTrue(dpo.valueAtReference().isEmpty());
    Mixture both = mixture(Losses.create("dpo"), Losses.create("aot"), Losses.create("hinge"));
    assertTrue(both.coupled());
    assertEquals(2 * Math.log(2) + 3 * Math.log(2) + 4, both.valueAtReference().orElseThrow());
    assertTrue(mixture(Losses.create("dpo"), new Sft(Reduction.MEAN)).needsTokens());
  }

  /** Weights of 2, 3 and so on. */
  private static Mixture mixture(PreferenceLoss... losses) {
    List<Mixture.Component> components = new ArrayList<>();
    for (PreferenceLoss loss : losses) {
      components.add(new Mixture.Component(2 + components.size(), loss));
    }
    return new Mixture(components);
  }

  /** Convex up to 2 and concave above: h″ = 2 - ρ. */
  private static final Bregman BENT =
      Bregman.of(
          rho -> rho.square().sub(rho.pow(3).div(6)), rho -> rho.mul(2).sub(rho.square().mul(0.5)));

  @Test
  void convexityIsAskedOfTheRatiosOfEitherSide() {
    double[] inside = {Math.log(0.5), Math.log(1.5)};
    double[] outside = {Math.log(3), Math.log(3.8)};
    assertDoesNotThrow(() -> Evaluation.of(BENT, Responses.ofRatios(inside, inside)));
    for (Responses data :
        List.of(Responses.ofRatios(inside, outside), Responses.ofRatios(outside, inside))) {
      assertThrows(IllegalArgumentException.class, () -> Evaluation.of(BENT, data));
    }
  }

  @Test
  void convexityIsAskedAtTheReferenceToo() {
    // Both ratios are 3; only the tangent from there to 1 shows that the slope is a quarter of h's.
    double[] three = {Math.log(3)};
    Bregman flat = Bregman.of(rho -> rho.sub(1).square().mul(0.5), rho -> rho.sub(1).mul(0.25));
    assertThrows(
        IllegalArgumentException.class,
        () -> Evaluation.of(flat, Responses.ofRatios(three, three)));
  }
}
