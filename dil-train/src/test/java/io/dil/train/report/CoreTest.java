package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CoreTest {

  @Test
  void oneFarValueIsLeftOutside() {
    Curve curve = Curve.of(Runs.of(200, "loss", step -> step == 90 ? 400 : step / 200.0), "loss");

    Core core = Core.of(List.of(curve)).orElseThrow();

    assertEquals(1, core.outside());
    assertEquals(400, core.farthest());
    assertEquals(1 / 200.0, core.low(), "nothing lies below, so nothing is added there");
    assertTrue(core.high() >= 1 && core.high() < 2, () -> core.toString());
  }

  @Test
  void whatIsShownInFullHasNoCore() {
    Curve even = Curve.of(Runs.of(200, "loss", step -> step), "loss");
    Curve flat = Curve.of(Runs.of(200, "loss", step -> 0.5), "loss");
    Curve few = Curve.of(Runs.of(10, "loss", step -> step == 9 ? 400 : 1.0 / step), "loss");

    for (Curve curve : List.of(even, flat, few)) {
      assertEquals(Optional.empty(), Core.of(List.of(curve)));
    }
  }
}
