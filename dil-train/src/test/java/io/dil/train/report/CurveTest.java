package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {

  @Test
  void endIsTheMeanOfTheLastTenRows() {
    Curve curve = Curve.of(Runs.of(100, "loss", step -> step), "loss");

    assertEquals((91 + 100) / 2.0, curve.end());
    assertEquals(1, curve.first());
    assertEquals(100, curve.last());
  }

  @Test
  void endOfAShortRunIsTheMeanOfItsLastHalf() {
    assertEquals((4 + 5 + 6) / 3.0, Curve.of(Runs.of(6, "loss", step -> step), "loss").end());
    assertEquals(7, Curve.of(Runs.of(1, "loss", step -> 7), "loss").end());
  }

  @Test
  void aMeanIsOverTheFiniteValuesOfItsWindow() {
    double[] values = {2, Double.NaN, 4, Double.POSITIVE_INFINITY, 9};
    Curve means = Curve.of(Runs.of(5, "loss", step -> values[step - 1]), "loss").smoothed(3);

    assertEquals(2, means.value(0));
    assertEquals(2, means.value(1));
    assertEquals((2 + 4) / 2.0, means.value(2));
    assertEquals(4, means.value(3));
    assertEquals((4 + 9) / 2.0, means.value(4));
  }

  @Test
  void whatLiesBeyondAnEndIsMovedToIt() {
    double[] values = {-9, 0.5, Double.NaN, 9};
    Curve within = Curve.of(Runs.of(4, "loss", step -> values[step - 1]), "loss").within(-1, 1);

    assertEquals(-1, within.value(0));
    assertEquals(0.5, within.value(1));
    assertTrue(Double.isNaN(within.value(2)));
    assertEquals(1, within.value(3));
  }

  @Test
  void aMetricThatIsNowhereIsEmpty() {
    Curve curve = Curve.of(Runs.of(5, "loss", step -> step), "grad_norm");

    assertTrue(curve.isEmpty());
    assertTrue(Double.isNaN(curve.first()));
    assertTrue(Double.isNaN(curve.end()));
    assertTrue(Double.isNaN(Curve.of(List.of(), "loss").end()));
  }
}
