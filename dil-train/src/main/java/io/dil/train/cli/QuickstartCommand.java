package io.dil.train.cli;

import io.dil.train.TrainingException;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Politeness;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.rank.Cluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil quickstart}: aligns the model that the jar carries and counts the effect. */
@Command(
    name = "quickstart",
    description = "Align the small model that is included, and count the effect.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class QuickstartCommand implements Callable<Integer> {
  /** Answers to each of the 64 held-out requests. */
  private static final int ANSWERS = 8;

  private static final long SEED = 1;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--out",
      defaultValue = "runs/quickstart",
      paramLabel = "DIR",
      description = "Where everything is written (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("runs", "quickstart");

  @Override
  public Integer call() throws IOException {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Path input = folder.resolve("input");
    Quickstart.unpack(input);
    out.println("A small model asks people for things, politely or rudely. Polite is preferred.");
    out.println();
    Politeness before = Politeness.measure(input.resolve("model"), ANSWERS, SEED);
    show(out, "before", before);
    out.println();
    out.println("Aligning it with DIL (LSIF), the same as: dil train quickstart.yaml");
    int status =
        TrainCommand.train(TrainingConfig.of(Quickstart.settings(folder)), out, Cluster.alone());
    if (status != Dil.OK) {
      return status;
    }
    out.println();
    Politeness after = Politeness.measure(folder.resolve("aligned"), ANSWERS, SEED);
    show(out, "after", after);
    out.println();
    out.printf(
        Locale.ROOT,
        "preferred answers to held-out requests: %.1f %% before, %.1f %% after (%d answers each)%n",
        100 * before.rate(),
        100 * after.rate(),
        after.total());
    out.flush();
    if (after.rate() <= before.rate()) {
      throw new TrainingException(
          "quickstart must raise the share of preferred answers, got "
              + before.rate()
              + " before and "
              + after.rate()
              + " after");
    }
    return Dil.OK;
  }

  private static void show(PrintWriter out, String when, Politeness politeness) {
    out.printf(Locale.ROOT, "%s: %.1f %% preferred%n", when, 100 * politeness.rate());
    politeness.examples().forEach(line -> out.println("  " + line));
  }
}
