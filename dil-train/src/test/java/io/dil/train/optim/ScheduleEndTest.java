package io.dil.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rates at the end of a run and after it, where transformers' functions change their formula. */
class ScheduleEndTest {
  private static final double PEAK = 2;

  private static double rate(ScheduleType type, Map<String, Object> numbers, long step) {
    return new Schedule(new ScheduleNumbers(type, numbers), PEAK, 2, 10).at(step);
  }

  @Test
  void restartsEndAtNothingAndDoNotBeginAgain() {
    assertEquals(0, rate(ScheduleType.COSINE_WITH_RESTARTS, Map.of("num_cycles", 2), 10));
    assertEquals(PEAK, rate(ScheduleType.COSINE_WITH_RESTARTS, Map.of("num_cycles", 2), 6), 1e-15);
  }

  @Test
  void aLineStopsAtNothing() {
    assertEquals(0, rate(ScheduleType.LINEAR, Map.of(), 10));
    assertEquals(0, rate(ScheduleType.LINEAR, Map.of(), 11));
    assertEquals(1e-7, rate(ScheduleType.POLYNOMIAL, Map.of(), 11), 1e-20);
  }

  @Test
  void theLeastRateHoldsFromTheLastStepOfTheDecayOn() {
    // A whole cycle of cosine ends high, but the decay is over by then.
    Map<String, Object> numbers =
        Map.of("num_decay_steps", 4, "num_cycles", 1, "min_lr_ratio", 0.25);
    assertEquals(PEAK, rate(ScheduleType.WARMUP_STABLE_DECAY, numbers, 6), 1e-15);
    assertEquals(PEAK * 0.25, rate(ScheduleType.WARMUP_STABLE_DECAY, numbers, 8), 1e-15);
    assertEquals(PEAK * 0.25, rate(ScheduleType.WARMUP_STABLE_DECAY, numbers, 10));
    Map<String, Object> none = Map.of("num_decay_steps", 0, "min_lr_ratio", 0.25);
    assertEquals(PEAK, rate(ScheduleType.WARMUP_STABLE_DECAY, none, 9));
    assertEquals(PEAK * 0.25, rate(ScheduleType.WARMUP_STABLE_DECAY, none, 10));
  }
}
