package io.dil.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  @Test
  void everyShapeIsTransformersStepByStep() throws IOException {
    JsonNode file =
        new ObjectMapper().readTree(Path.of("src/test/resources/optim/schedules.json").toFile());
    double peak = file.path("peak").doubleValue();
    Set<ScheduleType> seen = EnumSet.noneOf(ScheduleType.class);
    for (JsonNode each : file.path("cases")) {
      ScheduleType type =
          ScheduleType.valueOf(each.path("type").textValue().toUpperCase(Locale.ROOT));
      seen.add(type);
      Map<String, Object> numbers =
          new ObjectMapper()
              .convertValue(each.path("kwargs"), new TypeReference<Map<String, Object>>() {});
      Schedule schedule =
          new Schedule(
              new ScheduleNumbers(type, numbers),
              peak,
              each.path("warmup").longValue(),
              each.path("total").longValue());
      for (int step = 0; step < each.path("rates").size(); step++) {
        double rate = each.path("rates").get(step).doubleValue();
        assertEquals(rate, schedule.at(step), 1e-15 * peak + 1e-13 * rate, each + " at " + step);
      }
    }
    assertEquals(EnumSet.allOf(ScheduleType.class), seen);
  }

  @Test
  void numbersThatAShapeDoesNotTakeAreRefused() {
    refused(ScheduleType.LINEAR, Map.of("num_cycles", 1));
    refused(ScheduleType.COSINE_WITH_MIN_LR, Map.of());
    refused(ScheduleType.COSINE_WITH_MIN_LR, Map.of("min_lr", 1e-6, "min_lr_rate", 0.1));
    refused(ScheduleType.WARMUP_STABLE_DECAY, Map.of());
    refused(
        ScheduleType.WARMUP_STABLE_DECAY,
        Map.of("num_decay_steps", 2, "decay_type", "exponential"));
    refused(ScheduleType.COSINE, Map.of("num_cycles", "many"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Schedule(
                new ScheduleNumbers(ScheduleType.POLYNOMIAL, Map.of("lr_end", 1)), 1e-3, 0, 5));
  }

  private static void refused(ScheduleType type, Map<String, Object> numbers) {
    assertThrows(IllegalArgumentException.class, () -> new ScheduleNumbers(type, numbers));
  }
}
