package io.dil.train.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** KTO applied to pairs and to single responses, each number written out. */
class LabelledObjectiveTest {
  private static final double BETA = 0.4;
  private static final double GOOD = 1.5;
  private static final double BAD = 0.75;

  /** A pair, a bad response and a good one, of different lengths. */
  private static final List<TokenizedExample> MIXED =
      List.of(
          new TokenizedExample(
              "pair",
              new TokenGroup(Tokens.of(1, 2), List.of(Tokens.of(3, 4), Tokens.of(5, 6, 7, 8))),
              true),
          new TokenizedExample(
              "bad", new TokenGroup(Tokens.of(1), List.of(Tokens.of(9, 9, 9, 9, 9))), false),
          new TokenizedExample(
              "good", new TokenGroup(Tokens.of(1, 1, 1), List.of(Tokens.of(7))), true));

  private static final double[] POLICY = {-3, -9, -11, -2};
  private static final double[] REFERENCE = {-4, -7, -10.5, -2.25};
  private static final double[] OTHERS = {-12, -3, -5};
  private static final double[] OTHERS_REFERENCE = {-15, -5, -4};
  private static final Scores SCORES =
      new Scores(POLICY, REFERENCE, OTHERS, OTHERS_REFERENCE, new double[0]);
  private static final boolean[] DESIRABLE = {true, false, false, true};
  private static final int[] TOKENS = {2, 4, 5, 1};

  private static Objective kto(String reduction) {
    return Objective.of(
        Losses.create(
            "kto",
            Map.of(
                "beta",
                BETA,
                "desirable_weight",
                GOOD,
                "undesirable_weight",
                BAD,
                "reduction",
                reduction)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void aPairIsTheMeanOfItsTwoResponsesAndAResponseIsItself() {
    double kl = ((15 - 12) + (5 - 3) + (4 - 5)) / 3.0;
    check(kto("sum").evaluate(MIXED, SCORES), kl, new int[] {1, 1, 1, 1});
  }

  @Test
  void perTokenTheDivergenceCountsTheTokensOfTheResponseThatWasPutThere() {
    // The prompt of each example with the first response of the next: of 5, of 1 and of 2 tokens.
    double kl = ((15 - 12) / 5.0 + (5 - 3) / 1.0 + (4 - 5) / 2.0) / 3;
    check(kto("mean").evaluate(MIXED, SCORES), kl, TOKENS);
  }

  private static void check(BatchLoss result, double kl, int[] tokens) {
    assertEquals(kl, result.kl().orElseThrow(), 1e-12);
    double[] loss = new double[4];
    double[] slope = new double[4];
    double[] reward = new double[4];
    for (int i = 0; i < 4; i++) {
      double ratio = (POLICY[i] - REFERENCE[i]) / tokens[i];
      double sign = DESIRABLE[i] ? 1 : -1;
      double weight = DESIRABLE[i] ? GOOD : BAD;
      double sigma = sigmoid(sign * BETA * (ratio - kl));
      loss[i] = weight * (1 - sigma);
      slope[i] = -weight * sign * BETA * sigma * (1 - sigma) / tokens[i];
      reward[i] = BETA * ratio;
    }
    assertArrayEquals(
        new double[] {(loss[0] + loss[1]) / 2, loss[2], loss[3]}, result.perExample(), 1e-12);
    assertArrayEquals(
        new double[] {slope[0] / 2, slope[1] / 2, slope[2], slope[3]}, result.gradient(), 1e-12);
    assertArrayEquals(new double[] {reward[0], reward[3]}, result.chosenRewards(), 1e-12);
    assertArrayEquals(new double[] {reward[1], reward[2]}, result.rejectedRewards(), 1e-12);
  }

  @Test
  void everyPromptIsPutBeforeTheFirstResponseOfTheNextAndTheLastBeforeThatOfTheFirst() {
    List<TokenGroup> groups = kto("sum").mismatched(MIXED);
    assertEquals(
        List.of(
            new TokenGroup(Tokens.of(1, 2), List.of(Tokens.of(9, 9, 9, 9, 9))),
            new TokenGroup(Tokens.of(1), List.of(Tokens.of(7))),
            new TokenGroup(Tokens.of(1, 1, 1), List.of(Tokens.of(3, 4)))),
        groups);
  }

  @Test
  void withoutMismatchedScoresTheDivergenceIsZeroAndIsNotReported() {
    BatchLoss result = kto("sum").evaluate(MIXED, Scores.of(POLICY, REFERENCE));
    assertTrue(result.kl().isEmpty());
    assertEquals(BAD * (1 - sigmoid(BETA * 0.5)), result.perExample()[1], 1e-12);
  }

  @Test
  void anUnpairedLossWithoutDivergenceWantsNothingOfOtherExamples() {
    Objective apo = Objective.of(Losses.create("apo-zero-unpaired", Map.of("beta", BETA)));
    assertEquals(List.of(), apo.mismatched(MIXED));
    assertFalse(apo.needsOthers());
    assertFalse(apo.coupled());
    assertTrue(kto("sum").needsOthers());
    assertTrue(kto("sum").coupled());
    BatchLoss result = apo.evaluate(MIXED, SCORES);
    assertTrue(result.kl().isEmpty());
    double pair = (1 - sigmoid(BETA * 1) + sigmoid(BETA * -2)) / 2;
    assertArrayEquals(
        new double[] {pair, sigmoid(BETA * -0.5), 1 - sigmoid(BETA * 0.25)},
        result.perExample(),
        1e-12);
  }
}
