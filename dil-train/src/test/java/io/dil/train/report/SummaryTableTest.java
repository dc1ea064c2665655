package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTableTest {

  @Test
  void showsFirstLastAndChange() {
    List<Map<String, Double>> steps = Runs.of(30, "loss", step -> step == 1 ? 0.69314718 : 0.5);
    steps.forEach(row -> row.put("learning_rate", 1e-6));
    List<Map<String, Double>> evaluations =
        List.of(
            Runs.row(0, "eval_rewards/accuracies", 0.5),
            Runs.row(30, "eval_rewards/accuracies", 0.625));

    assertEquals(
        """
        metric                       first       last     change
        loss                        0.6931        0.5    -0.1931
        eval_rewards/accuracies        0.5      0.625     +0.125

        last: mean of the last 10 of 30 steps; eval_: the last evaluation""",
        SummaryTable.of(Runs.data(steps, evaluations)));
  }

  @Test
  void aRunOfOneStepHasNoMean() {
    assertEquals(
        """
        metric      first       last     change
        loss          2          2          0

        last: the last of 1 steps""",
        SummaryTable.of(Runs.data(Runs.of(1, "loss", step -> 2), List.of())));
  }

  @Test
  void aRunOfNothingHasNoTable() {
    assertEquals("", SummaryTable.of(Runs.data(List.of(), List.of())));
  }
}
