package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportDataTest {

  @Test
  void theLaterRowOfAStepCounts() {
    ReportData data =
        Runs.data(
            List.of(
                Runs.row(2, "loss", 0.6),
                Runs.row(1, "loss", 0.7),
                Runs.row(3, "loss", 0.4),
                Runs.row(2, "loss", 0.5)),
            List.of());

    assertEquals(
        List.of(0.7, 0.5, 0.4), data.steps().stream().map(row -> row.get("loss")).toList());
  }

  @Test
  void aRowWithoutAStepIsRefused() {
    List<Map<String, Double>> rows = List.of(Runs.row(1, "loss", 1), Map.of("loss", 2.0));

    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Runs.data(List.of(), rows));

    assertEquals(
        "row 1 of evaluations must have a finite step, got {loss=2.0}", error.getMessage());
  }
}
