package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients at log-ratios where naive formulas overflow. */
class NumericsTest {
  private static final double[] CHOSEN = {1e4, -1e4, 1e4, -1e4, 0, 100, -100, 30, 1e-8};
  private static final double[] REJECTED = {1e4, -1e4, -1e4, 1e4, 0, 100, 100, -50, -1e-8};

  record Case(String name, Map<String, String> parameters, DataType type) {
    @Override
    public String toString() {
      return name + parameters + " " + type;
    }
  }

  /** The losses that hold an exponential of a log-ratio; all others are finite everywhere. */
  private static final Set<String> EXPONENTIAL =
      Set.of("dil-lsif", "dil-ukl", "dil-kliep", "dil-power");

  static Stream<Case> bounded() {
    List<Case> cases = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT64, DataType.FLOAT32)) {
      for (String name : Losses.names()) {
        // AlphaPO takes e^{-alpha s} of average log-probabilities, of which -1e4 is none.
        if (name.equals("alphapo")) {
          cases.add(new Case(name, Map.of("alpha", "-0.25"), type));
        } else if (EXPONENTIAL.contains(name)) {
          cases.add(new Case(name, Map.of("log_ratio_bound", "10"), type));
        } else {
          cases.add(new Case(name, Map.of(), type));
        }
      }
      cases.add(new Case("f-dpo", Map.of("divergence", "js"), type));
      for (String divergence : List.of("forward-kl", "alpha")) {
        cases.add(
            new Case("f-dpo", Map.of("divergence", divergence, "log_ratio_bound", "10"), type));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("bounded")
  void valueAndGradientAreFinite(Case each) {
    Evaluation evaluation =
        Evaluation.of(
            Losses.create(each.name, each.parameters),
            Responses.ofRatios(CHOSEN, REJECTED),
            each.type);
    assertTrue(
        Arrays.stream(evaluation.losses()).allMatch(Double::isFinite),
        () -> Arrays.toString(evaluation.losses()));
    assertTrue(
        Arrays.stream(evaluation.gradient()).allMatch(Double::isFinite),
        () -> Arrays.toString(evaluation.gradient()));
  }

  @Test
  void withoutABoundLsifIsFiniteWhereTheMathematicsIs() {
    Evaluation evaluation =
        Evaluation.of(
            Losses.create("dil-lsif"),
            Responses.ofRatios(new double[] {-1e4, 88, 0}, new double[] {-1e4, -1e4, 44}),
            DataType.FLOAT32);
    assertEquals(0, evaluation.losses()[0]);
    assertEquals(-Math.exp(88), evaluation.losses()[1], 1e-4 * Math.exp(88));
    assertEquals(0.5 * Math.exp(88), evaluation.losses()[2], 1e-4 * Math.exp(88));
    assertEquals(Math.exp(88), evaluation.gradient()[5], 1e-4 * Math.exp(88));
  }

  @Test
  void beyondItsBoundAnExponentialGoesOnAsItsTangent() {
    double bound = 3;
    Evaluation evaluation =
        Evaluation.of(
            Losses.create("dil-lsif", Map.of("log_ratio_bound", bound)),
            Responses.ofRatios(new double[] {2, 5}, new double[] {1, 4}));
    assertEquals(-Math.exp(2) + 0.5 * Math.exp(2), evaluation.losses()[0], 1e-12);
    assertEquals(
        -Math.exp(3) * (1 + (5 - 3)) + 0.5 * Math.exp(6) * (1 + 2 * (4 - 3)),
        evaluation.losses()[1],
        1e-9);
    assertEquals(-Math.exp(3), evaluation.gradient()[1], 1e-12);
    assertEquals(Math.exp(6), evaluation.gradient()[3], 1e-9);
  }

  @Test
  void theGradientIsContinuousAtTheBound() {
    PreferenceLoss loss = Losses.create("dil-ukl", Map.of("log_ratio_bound", 2));
    double[] gradient =
        Evaluation.of(loss, Responses.ofRatios(new double[3], new double[] {2 - 1e-9, 2, 2 + 1e-9}))
            .gradient();
    for (int i = 3; i < 6; i++) {
      assertEquals(Math.exp(2), gradient[i], 1e-7);
    }
  }

  @Test
  void forwardKlIsZeroWhereTheRejectedRatioVanishesAndInfiniteWhereTheChosenDoes() {
    PreferenceLoss loss = Losses.create("f-dpo", Map.of("divergence", "forward-kl"));
    Evaluation evaluation =
        Evaluation.of(
            loss, Responses.ofRatios(new double[] {0, -1e4, 5}, new double[] {-1e4, 0, 5}));
    assertEquals(0, evaluation.losses()[0], 1e-300);
    assertEquals(0, evaluation.gradient()[3], 1e-300);
    assertEquals(Double.POSITIVE_INFINITY, evaluation.losses()[1]);
    assertEquals(Math.log(2), evaluation.losses()[2], 1e-15);
  }
}
