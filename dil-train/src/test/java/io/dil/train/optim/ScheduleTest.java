package io.dil.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void cosineWarmsUpThenFallsToZero() {
    Schedule schedule = new Schedule(ScheduleType.COSINE, 2e-6, 10, 110);
    assertEquals(0, schedule.at(0));
    assertEquals(2e-6 * 3 / 10, schedule.at(3), 1e-18);
    assertEquals(2e-6, schedule.at(10), 1e-18);
    assertEquals(2e-6 * 0.5 * (1 + Math.cos(Math.PI * 25 / 100)), schedule.at(35), 1e-18);
    assertEquals(1e-6, schedule.at(60), 1e-18);
    assertEquals(0, schedule.at(110), 1e-18);
  }

  @Test
  void linearFallsInAStraightLine() {
    Schedule schedule = new Schedule(ScheduleType.LINEAR, 1, 0, 4);
    assertEquals(1, schedule.at(0));
    assertEquals(0.75, schedule.at(1), 1e-15);
    assertEquals(0.25, schedule.at(3), 1e-15);
  }

  @Test
  void constantStaysFromTheFirstStep() {
    assertEquals(3, new Schedule(ScheduleType.CONSTANT, 3, 10, 20).at(0));
    assertEquals(1.5, new Schedule(ScheduleType.CONSTANT_WITH_WARMUP, 3, 10, 20).at(5));
    assertEquals(3, new Schedule(ScheduleType.CONSTANT_WITH_WARMUP, 3, 10, 20).at(19));
  }

  @Test
  void needsAStep() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule(ScheduleType.COSINE, 1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Schedule(ScheduleType.COSINE, 1, -1, 5));
  }
}
