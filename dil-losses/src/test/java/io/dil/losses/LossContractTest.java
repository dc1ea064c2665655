package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every loss promises. Every entry of the list comes here by itself, with its defaults and
 * with the other reduction; {@link Evaluation} adds the promises about arrays (shapes, owners,
 * inputs, detached rewards) to each evaluation made here.
 */
class LossContractTest {
  private static final int PAIRS = 7;

  record Case(String name, Map<String, String> parameters) {
    PreferenceLoss loss() {
      return Losses.create(name, parameters);
    }

    @Override
    public String toString() {
      return name + parameters;
    }
  }

  static Stream<Case> cases() {
    return Losses.names().stream()
        .flatMap(
            name ->
                Stream.of(
                    new Case(name, Map.of()),
                    new Case(name, Map.of("reduction", "mean")),
                    new Case(name, Map.of("reduction", "sum"))));
  }

  private static Responses data(long seed) {
    return Responses.random(seed, PAIRS);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientIsTheCentralDifference(Case each) {
    PreferenceLoss loss = each.loss();
    Responses data = data(1);
    double[] gradient = Evaluation.of(loss, data).gradient();
    for (int i = 0; i < gradient.length; i++) {
      double step = 1e-5 * Math.max(1, Math.abs(data.policy()[i]) * 0.01);
      double[] up = at(loss, data, i, step).losses();
      double[] down = at(loss, data, i, -step).losses();
      // Row by row, so that rows which do not move cancel exactly.
      double difference = 0;
      double rounding = 0;
      for (int row = 0; row < up.length; row++) {
        difference += (up[row] - down[row]) / (2 * step);
        rounding = Math.max(rounding, 8 * Math.ulp(up[row]) / step);
      }
      double scale = Math.max(1e-3, Math.abs(difference));
      assertEquals(difference, gradient[i], 2e-6 * scale + rounding, "response " + i);
    }
  }

  private static Evaluation at(PreferenceLoss loss, Responses data, int i, double step) {
    double[] moved = data.policy().clone();
    moved[i] += step;
    return Evaluation.of(loss, data.withPolicy(moved));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void permutingTheBatchPermutesTheResult(Case each) {
    PreferenceLoss loss = each.loss();
    Responses data = data(2);
    int[] order = {3, 0, 6, 5, 1, 2, 4};
    Evaluation straight = Evaluation.of(loss, data);
    Evaluation permuted = Evaluation.of(loss, data.pick(order));
    close(Responses.pick(straight.gradient(), order), permuted.gradient(), 1e-12);
    close(Responses.pick(straight.rewards(), order), permuted.rewards(), 1e-12);
    if (loss.coupled()) {
      assertEquals(straight.sum(), permuted.sum(), 1e-12 * Math.abs(straight.sum()));
    } else {
      close(rows(straight.losses(), order), permuted.losses(), 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aBatchIsItsRowsOneByOne(Case each) {
    PreferenceLoss loss = each.loss();
    assumeFalse(loss.coupled(), "rows depend on each other by definition");
    Responses data = data(3);
    Evaluation all = Evaluation.of(loss, data);
    for (int row = 0; row < PAIRS; row++) {
      Evaluation one = Evaluation.of(loss, data.pick(row));
      close(rows(all.losses(), row), one.losses(), 1e-12);
      close(Responses.pick(all.gradient(), row), one.gradient(), 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anUnneededReferenceIsIgnored(Case each) {
    PreferenceLoss loss = each.loss();
    Responses data = data(4);
    double[] nonsense = new double[2 * PAIRS];
    Arrays.fill(nonsense, loss.needsReference() ? -3 : Double.NaN);
    Evaluation with = Evaluation.of(loss, data);
    Evaluation without = Evaluation.of(loss, data.withReference(nonsense));
    assertEquals(loss.needsReference(), !Arrays.equals(with.losses(), without.losses()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tokenCountsMatterOnlyWhereTheyAreNeeded(Case each) {
    PreferenceLoss loss = each.loss();
    Responses data = data(5);
    double[] others = Arrays.stream(data.tokens()).map(count -> count + 3).toArray();
    Evaluation changed =
        Evaluation.of(loss, new Responses(data.policy(), data.reference(), others, data.kl()));
    assertEquals(
        loss.needsTokens(), !Arrays.equals(Evaluation.of(loss, data).losses(), changed.losses()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theValueAtTheReferenceIsTheKnownConstant(Case each) {
    PreferenceLoss loss = each.loss();
    OptionalDouble known = loss.valueAtReference();
    assumeTrue(known.isPresent(), "no constant");
    Responses data = data(6);
    for (double value : Evaluation.of(loss, data.withReference(data.policy())).losses()) {
      assertEquals(known.getAsDouble(), value, 1e-12 * Math.max(1, Math.abs(value)));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void singlePrecisionAgreesWithDouble(Case each) {
    PreferenceLoss loss = each.loss();
    Responses data = quarters(data(7));
    Evaluation wide = Evaluation.of(loss, data);
    Evaluation narrow = Evaluation.of(loss, data, DataType.FLOAT32);
    close(wide.losses(), narrow.losses(), 1e-5);
    close(wide.gradient(), narrow.gradient(), 1e-5);
    close(wide.rewards(), narrow.rewards(), 1e-5);
  }

  /** Rounds to numbers that single precision holds exactly, so that only the arithmetic differs. */
  private static Responses quarters(Responses data) {
    return new Responses(
        Arrays.stream(data.policy()).map(x -> Math.min(-0.25, Math.rint(x * 4) / 4)).toArray(),
        Arrays.stream(data.reference()).map(x -> Math.min(-0.25, Math.rint(x * 4) / 4)).toArray(),
        data.tokens(),
        data.kl());
  }

  private static double[] rows(double[] losses, int... places) {
    if (losses.length == 2 * PAIRS) {
      return Responses.pick(losses, places);
    }
    return Arrays.stream(places).mapToDouble(place -> losses[place]).toArray();
  }

  private static void close(double[] expected, double[] actual, double relative) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertArrayEquals(expected, actual, relative * Math.max(1, scale));
  }
}
