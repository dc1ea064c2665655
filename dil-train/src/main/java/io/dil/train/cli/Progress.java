package io.dil.train.cli;

import io.dil.train.RunControl;
import io.dil.train.TrainingListener;
import io.dil.train.config.Interval;
import io.dil.train.rank.Cluster;
import io.dil.train.report.ReportData;
import io.dil.train.report.SummaryTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** What a person sees while a run goes on: a bar on a terminal, a line now and then elsewhere. */
final class Progress implements TrainingListener {
  private static final String TASKS = "eval_tasks/";

  private final PrintWriter out;
  private final Interval every;
  private final boolean first;
  private final boolean terminal;
  private final List<Map<String, Double>> steps = new ArrayList<>();
  private final List<Map<String, Double>> evaluations = new ArrayList<>();
  private @Nullable ProgressBar bar;
  private String lastCheckpoint = "";
  private long total;
  private long firstStep;
  private long examples;
  private long begun = System.nanoTime();

  Progress(PrintWriter out, Interval every, boolean first, boolean terminal) {
    this.out = out;
    this.every = every;
    this.first = first;
    this.terminal = terminal;
  }

  /** Returns whether a process shows what happens on a terminal. */
  static boolean isTerminal(Cluster cluster) {
    // The launcher knows: System.console() means another thing from Java 22 on.
    return cluster.leads() && Boolean.getBoolean("dil.terminal");
  }

  @Override
  public void message(String text) {
    // Over the bar, which draws itself again on the next line.
    out.println(bar == null ? text : "\r" + text + "\u001b[K");
  }

  @Override
  public void started(RunControl run, long step, long totalSteps) {
    total = totalSteps;
    firstStep = step;
    begun = System.nanoTime();
    if (step > 0) {
      out.println("going on after step " + step + " of " + totalSteps);
    }
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("train")
              .setInitialMax(totalSteps)
              .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
              .setUpdateIntervalMillis(200)
              .startsFrom(step, Duration.ZERO)
              .build();
    }
  }

  @Override
  public void stepped(long step, int batch, Map<String, Double> metrics) {
    examples += batch;
    steps.add(metrics);
    if (bar != null) {
      bar.setExtraMessage(" " + brief("", metrics) + rate());
      bar.stepTo(step);
    } else if (step % Math.max(1, every.steps(total)) == 0
        || step == total
        || (first && step == 1)) {
      double seconds = (System.nanoTime() - begun) / 1e9;
      long left = Math.round(seconds / (step - firstStep) * (total - step));
      out.printf(
          Locale.ROOT,
          "step %d/%d  %s%s  %d s left%n",
          step,
          total,
          brief("", metrics),
          rate(),
          left);
    }
  }

  @Override
  public void evaluated(long step, Map<String, Double> metrics) {
    evaluations.add(metrics);
    StringBuilder text = new StringBuilder(brief("eval_", metrics));
    metrics.forEach(
        (name, value) -> {
          if (name.startsWith(TASKS)) {
            append(text, name.substring(TASKS.length()), value);
          }
        });
    message("held out at step " + step + "  " + text.toString().trim());
  }

  @Override
  public void saved(Path checkpoint) {
    lastCheckpoint = checkpoint.toString();
  }

  @Override
  public void stopped() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** Returns the checkpoint that was written last. */
  String lastCheckpoint() {
    return lastCheckpoint;
  }

  /** Returns a short table of what the run began and ended with. */
  String table() {
    return SummaryTable.of(new ReportData("", Map.of(), steps, evaluations, Map.of(), List.of()));
  }

  private String rate() {
    double seconds = Math.max(1e-9, (System.nanoTime() - begun) / 1e9);
    return String.format(Locale.ROOT, "  %.1f pairs/s", examples / seconds);
  }

  private static String brief(String prefix, Map<String, Double> metrics) {
    StringBuilder text = new StringBuilder();
    append(text, "loss", metrics.get(prefix + "loss"));
    append(text, "accuracy", metrics.get(prefix + "rewards/accuracies"));
    append(text, "margin", metrics.get(prefix + "rewards/margins"));
    return text.toString().trim();
  }

  private static void append(StringBuilder text, String name, @Nullable Double value) {
    if (value != null) {
      text.append(String.format(Locale.ROOT, " %s %.4f", name, value));
    }
  }
}
