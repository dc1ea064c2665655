package io.dil.train.cli;

import io.dil.train.sweep.Sweep;
import io.dil.train.sweep.SweepFile;
import io.dil.train.sweep.SweepListener;
import io.dil.train.sweep.SweepRun;
import io.dil.train.sweep.SweepWorkers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil sweep}: search, best settings, seeds, one table. */
@Command(
    name = "sweep",
    description = {
      "Train every setting of several methods, choose each method's best by a rule, train that with",
      "more seeds, and compare them in one table and on one page."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A sweep that was stopped or killed goes on when the same command is given again; nothing is",
      "trained twice.",
      "",
      "Example: dil sweep sweep.yaml jobs=2"
    })
public final class SweepCommand implements Callable<Integer> {
  private static final long SECONDS_BETWEEN_LINES = 60;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SWEEP.yaml", description = "Methods and their settings.")
  private @Nullable Path file;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Keys that replace those of the file.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--list", description = "List the runs of the search; train nothing.")
  private boolean list;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    SweepFile settings = SweepFile.read(Objects.requireNonNull(file), overrides);
    if (list) {
      settings.searchRuns().forEach(run -> out.println(run.name()));
      out.flush();
      return Dil.OK;
    }
    Path folder = settings.output();
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (ProcessWorkers workers = new ProcessWorkers(folder.resolve("logs"), settings.devices())) {
      Sweep sweep = new Sweep(settings, workers, new Lines(out));
      ScheduledFuture<?> lines =
          clock.scheduleAtFixedRate(
              () ->
                  workers
                      .lastLines()
                      .forEach((name, line) -> out.println("  " + name + "  " + line)),
              SECONDS_BETWEEN_LINES,
              SECONDS_BETWEEN_LINES,
              TimeUnit.SECONDS);
      Runnable stop =
          () -> {
            out.println("stopping; what was trained is kept (again: at once)");
            sweep.stop();
          };
      Sweep.Outcome outcome;
      try (Interrupt interrupt = new Interrupt(stop)) {
        EndOfInput.watch(System.in, sweep::stop);
        outcome = sweep.run();
      } finally {
        lines.cancel(false);
      }
      if (outcome == Sweep.Outcome.STOPPED) {
        out.println("stopped; the same command goes on");
        return Dil.INTERRUPTED;
      }
      show(out, sweep.methods());
      out.println("table   " + folder.resolve(Sweep.TABLE));
      out.println("page    " + folder.resolve(Sweep.PAGE));
      List<String> failures = sweep.failures();
      PrintWriter err = spec.commandLine().getErr();
      failures.forEach(failure -> err.println("dil: " + failure));
      return failures.isEmpty() ? Dil.OK : Dil.FAILURE;
    } finally {
      clock.shutdownNow();
      out.flush();
    }
  }

  /** Prints a block per method: as lines they would be too long for a terminal. */
  private static void show(PrintWriter out, List<Map<String, String>> methods) {
    out.println();
    for (Map<String, String> row : methods) {
      row.forEach((name, value) -> out.printf("%-32s %s%n", name, value));
      out.println();
    }
  }

  /** Says how a sweep comes along, a line a run. */
  private static final class Lines implements SweepListener {
    private final PrintWriter out;
    private int done;
    private int total;

    Lines(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void message(String text) {
      out.println(text);
    }

    @Override
    public void began(String what, int known, int all) {
      done = known;
      total = all;
      out.println(what + ": " + known + " of " + all + " done already");
    }

    @Override
    public void ended(
        SweepRun run, SweepWorkers.Result result, Map<String, Double> evaluation, double seconds) {
      String what =
          switch (result.ending()) {
            case FINISHED -> "finished";
            case STOPPED -> "stopped";
            case FAILED -> "failed: " + result.problem();
          };
      done += result.ending() == SweepWorkers.Ending.STOPPED ? 0 : 1;
      String loss =
          evaluation.containsKey("eval_loss")
              ? String.format(Locale.ROOT, ", eval_loss %.4f", evaluation.get("eval_loss"))
              : "";
      out.printf(
          Locale.ROOT,
          "[%d/%d] %s %s%s (%.0f s, %d MiB)%n",
          done,
          total,
          run.name(),
          what,
          loss,
          seconds,
          result.peakBytes() >> 20);
      out.flush();
    }
  }
}
