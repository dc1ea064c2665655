package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BregmanTest {
  private static final Responses DATA = Responses.random(11, 6);

  /**
   * A row of the paper's Table 1: h, its derivatives, the closed form, and what that form leaves
   * out.
   */
  record Row(
      String closedForm,
      double constant,
      UnaryOperator<NDArray> h,
      UnaryOperator<NDArray> hPrime,
      UnaryOperator<NDArray> hSecond) {
    @Override
    public String toString() {
      return closedForm;
    }
  }

  static Stream<Row> table1() {
    return Stream.of(
        new Row(
            "dil-lsif",
            0.5,
            rho -> rho.sub(1).square().mul(0.5),
            rho -> rho.sub(1),
            rho -> rho.onesLike()),
        new Row(
            "dil-ukl", 0, rho -> rho.mul(rho.log()).sub(rho), rho -> rho.log(), rho -> rho.pow(-1)),
        new Row(
            "dil-bce",
            0,
            rho -> rho.mul(rho.log()).sub(rho.add(1).mul(rho.add(1).log())),
            rho -> rho.div(rho.add(1)).log(),
            rho -> rho.mul(rho.add(1)).pow(-1)));
  }

  @ParameterizedTest
  @MethodSource("table1")
  void theGenericFormIsTheClosedForm(Row row) {
    for (String samples : Losses.describe(row.closedForm).parameters().get(0).domain().names()) {
      ReferenceSamples which =
          samples.equals("both") ? ReferenceSamples.BOTH : ReferenceSamples.REJECTED;
      Evaluation closed =
          Evaluation.of(Losses.create(row.closedForm, Map.of("reference_samples", samples)), DATA);
      Evaluation generic = Evaluation.of(Bregman.of(row.h, row.hPrime).sampling(which), DATA);
      Evaluation withSecond =
          Evaluation.of(Bregman.of(row.h, row.hPrime, row.hSecond).sampling(which), DATA);
      double[] expected = Arrays.stream(closed.losses()).map(loss -> loss + row.constant).toArray();
      close(expected, generic.losses());
      close(expected, withSecond.losses());
      close(closed.gradient(), generic.gradient());
      close(closed.gradient(), withSecond.gradient());
      close(closed.rewards(), generic.rewards());
    }
  }

  @Test
  void aConcaveFunctionIsRejectedWhereItIsEvaluated() {
    Bregman concave = Bregman.of(rho -> rho.log(), rho -> rho.pow(-1));
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Evaluation.of(concave, DATA));
    assertTrue(error.getMessage().startsWith("h must lie above its tangents"), error::getMessage);
  }

  @Test
  void aDerivativeOfAnotherFunctionIsRejected() {
    Bregman wrong = Bregman.of(rho -> rho.sub(1).square().mul(0.5), rho -> rho.sub(2));
    assertThrows(IllegalArgumentException.class, () -> Evaluation.of(wrong, DATA));
  }

  private static void close(double[] expected, double[] actual) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertArrayEquals(expected, actual, 1e-10 * Math.max(1, scale));
  }
}
