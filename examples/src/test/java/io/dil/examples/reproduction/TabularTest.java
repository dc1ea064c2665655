package io.dil.examples.reproduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.examples.reproduction.ExactWorld.Sampling;
import io.dil.losses.PointwiseLoss;
import io.dil.losses.PreferenceLoss;
import io.dil.losses.ResponseLogProbs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The world, the losses over it, and the search for their minima. */
class TabularTest {
  private static final ExactWorld WORLD = new ExactWorld(0.5, 0.2);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dil-lsif",
        "dil-ukl both",
        "dil-bce",
        "dil-rulsif",
        "dpo",
        "f-dpo",
        "ipo",
        "slic",
        "cpo",
        "simpo",
        "kto",
        "sft"
      })
  void gradientsAreThoseOfTheLoss(String name) {
    Method method = Method.named(name);
    TabularLoss loss = new TabularLoss(method.create(method.standard()), WORLD, 2);
    List<PairCells> data = List.of(WORLD.sample(300, 3, Sampling.PREFERENCES));
    double[] at = new Random(4).doubles(ExactWorld.SIZE, -4, -1).toArray();
    double[] anchor = {0.3};
    double[] gradient = loss.evaluate(data, new double[][] {at}, anchor)[0].gradient();
    double nudge = 1e-6;
    for (int i = 0; i < at.length; i += 5) {
      double[] above = at.clone();
      double[] below = at.clone();
      above[i] += nudge;
      below[i] -= nudge;
      TabularLoss.Value[] values =
          loss.evaluate(
              List.of(data.get(0), data.get(0)),
              new double[][] {above, below},
              new double[] {0.3, 0.3});
      double expected = (values[0].total() - values[1].total()) / (2 * nudge);
      assertEquals(expected, gradient[i], 1e-7 + 1e-5 * Math.abs(expected), "answer " + i);
    }
  }

  /** One call for many policies, each with its anchor, says what a call for each says. */
  @ParameterizedTest
  @ValueSource(strings = {"kto", "dil-lsif"})
  void policiesDoNotTouchEachOther(String name) {
    Method method = Method.named(name);
    TabularLoss loss = new TabularLoss(method.create(method.standard()), WORLD, 1);
    List<PairCells> data = new ArrayList<>();
    double[][] policies = new double[40][];
    double[] anchors = new double[40];
    for (int f = 0; f < 40; f++) {
      data.add(WORLD.sample(2000, f, Sampling.INDEPENDENT));
      policies[f] = new Random(f).doubles(ExactWorld.SIZE, -4, -1).toArray();
      anchors[f] = 0.1 * f - 1;
    }
    TabularLoss.Value[] together = loss.evaluate(data, policies, anchors);
    for (int f = 0; f < 40; f += 13) {
      TabularLoss.Value alone =
          loss.evaluate(
                  List.of(data.get(f)), new double[][] {policies[f]}, new double[] {anchors[f]})[0];
      assertArrayEquals(alone.gradient(), together[f].gradient(), 1e-14);
      assertEquals(alone.total(), together[f].total(), 1e-14);
    }
  }

  /** KTO's anchor over weights is what the library makes of as many mismatched rows. */
  @Test
  void theAnchorIsTheLibrarysEstimateOfMismatchedAnswers() {
    PreferenceLoss loss = Method.named("kto").create(Method.named("kto").standard());
    double[] policy =
        ExactWorld.normalised(new Random(8).doubles(ExactWorld.SIZE, -2, 2).toArray());
    // 100 pairs, so that every weight is a whole number of hundredths.
    PairCells data = WORLD.sample(100, 9, Sampling.PREFERENCES);
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      int from = (data.prompt()[i] + 1) % 3 * ExactWorld.ANSWERS;
      for (int answer : new int[] {data.chosen()[i], data.rejected()[i]}) {
        int times = (int) Math.round(100 * data.weight()[i]);
        ours.addAll(Collections.nCopies(times, policy[from + answer]));
        theirs.addAll(Collections.nCopies(times, WORLD.logReference()[from + answer]));
      }
    }
    assertEquals(200, ours.size());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray kl = ((PointwiseLoss) loss).kl(rows(manager, ours), rows(manager, theirs));
      double expected = kl.getDouble();
      double anchor = new TabularLoss(loss, WORLD, 1).anchor(data, policy);
      assertEquals(expected, Math.max(0, anchor), 1e-12);
      assertTrue(expected > 0, "a floor at 0 would hide a wrong sum");
    }
  }

  private static ResponseLogProbs rows(NDManager manager, List<Double> values) {
    NDArray sums = manager.create(values.stream().mapToDouble(Double::doubleValue).toArray());
    return new ResponseLogProbs(sums, sums.onesLike());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PREFERENCES", "INDEPENDENT"})
  void largeSamplesHaveTheExactShares(String sampling) {
    Sampling source = Sampling.valueOf(sampling);
    int n = 400_000;
    double[] exact = dense(WORLD.pairs(source));
    double[] drawn = dense(WORLD.sample(n, 1, source));
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], drawn[i], 5 * Math.sqrt(exact[i] / n) + 1e-5);
    }
  }

  private static double[] dense(PairCells cells) {
    double[] all = new double[ExactWorld.SIZE * ExactWorld.ANSWERS];
    for (int i = 0; i < cells.size(); i++) {
      int place = cells.prompt()[i] * ExactWorld.ANSWERS + cells.chosen()[i];
      all[place * ExactWorld.ANSWERS + cells.rejected()[i]] = cells.weight()[i];
    }
    return all;
  }

  /** Both answers were drawn from the reference, so chosen and rejected together are it. */
  @Test
  void chosenAndRejectedTogetherAreTheReference() {
    for (int i = 0; i < ExactWorld.SIZE; i++) {
      assertEquals(WORLD.reference()[i], (WORLD.chosen()[i] + WORLD.rejected()[i]) / 2, 1e-15);
    }
    assertTrue(new ExactWorld(0.25, 0).overlap() < new ExactWorld(4, 0).overlap());
  }

  @Test
  void theSearchFindsTheEndOfABentValley() {
    Bfgs search = new Bfgs(new double[] {-1.2, 1}, 1e-10);
    for (int trial = 0; trial < 1000 && !search.ended(); trial++) {
      double[] p = search.trial();
      double bend = p[1] - p[0] * p[0];
      search.tell(
          100 * bend * bend + (1 - p[0]) * (1 - p[0]),
          new double[] {-400 * bend * p[0] - 2 * (1 - p[0]), 200 * bend});
    }
    assertArrayEquals(new double[] {1, 1}, search.at(), 1e-8);
  }

  /** Answers that are never chosen leave supervised training without a minimum. */
  @Test
  void aLossThatFallsForEverHasNoMinimum() {
    TabularLoss loss = new TabularLoss(Method.named("sft").create(Map.of()), WORLD, 1);
    TabularFit fit = new TabularFit(loss, WORLD, true);
    assertEquals(
        TabularFit.End.NO_MINIMUM,
        fit.fit(List.of(WORLD.sample(30, 0, Sampling.PREFERENCES))).get(0).end());
    assertEquals(
        TabularFit.End.MINIMUM, fit.fit(List.of(WORLD.pairs(Sampling.PREFERENCES))).get(0).end());
  }

  @Test
  void quartilesAreInterpolated() {
    Quartiles quartiles = Quartiles.of(new double[] {4, 1, 2, 3});
    assertEquals(new Quartiles(1.75, 2.5, 3.25), quartiles);
    double infinite = Double.POSITIVE_INFINITY;
    assertEquals(infinite, Quartiles.of(new double[] {1, infinite, infinite}).median());
  }
}
