package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.RunControl;
import io.dil.train.config.Interval;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a person sees of a run, on a terminal and elsewhere. */
class ProgressTest {
  @Test
  void evaluationsAreSeenOnATerminalToo() {
    for (String terminal : new String[] {"false", "true"}) {
      StringWriter text = new StringWriter();
      System.setProperty("dil.terminal", terminal);
      try {
        Progress progress =
            new Progress(new PrintWriter(text, true), new Interval(1), false, false);
        progress.started(new RunControl(() -> {}), 0, 10);
        progress.evaluated(
            0, Map.of("eval_loss", 0.25, "eval_rewards/accuracies", 0.75, "eval_kl", 0.5));
        progress.stopped();
      } finally {
        System.clearProperty("dil.terminal");
      }
      assertTrue(
          text.toString().contains("held out at step 0  loss 0.2500 accuracy 0.7500"),
          text::toString);
    }
  }

  @Test
  void aMetricThatIsNowhereAtTheEndIsADashInTheTable() {
    Progress progress =
        new Progress(new PrintWriter(new StringWriter()), new Interval(1), false, false);
    progress.started(new RunControl(() -> {}), 0, 30);
    for (int step = 1; step <= 30; step++) {
      progress.stepped(
          step,
          1,
          step < 5
              ? Map.of("step", (double) step, "loss", 1.0, "rewards/rejected", 0.5)
              : Map.of("step", (double) step, "loss", 1.0));
    }
    assertFalse(progress.table().contains("NaN"), progress::table);
    assertTrue(progress.table().contains("\u2013"), progress::table);
  }
}
