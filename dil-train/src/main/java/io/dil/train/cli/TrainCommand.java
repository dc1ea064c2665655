package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.data.source.DataSpec;
import io.dil.losses.LossParameter;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.train.RunCheck;
import io.dil.train.TrainingRun;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.Given;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.config.Translation;
import io.dil.train.rank.Cluster;
import io.dil.train.rank.Launch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil train}: SFT or preference training, by {@code loss_type}. */
@Command(
    name = "train",
    description = "Train a model as a YAML file says: SFT or preference training, by loss_type.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A run that was stopped or killed goes on when the same command is given again.",
      "",
      "Example: dil train dpo.yaml loss_type=dil-lsif learning_rate=1e-6",
      "         dil train --check trl.yaml"
    })
public final class TrainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", arity = "0..1", paramLabel = "CONFIG.yaml", description = "Settings.")
  private @Nullable Path config;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Settings that replace those of the file.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--check",
      description =
          "Say what becomes of each key, write another trainer's file as one of dil, and look at all"
              + " that can be known before the model is read.")
  private boolean check;

  @Option(
      names = "--keys",
      description =
          "List the keys of CONFIG.yaml with their defaults, and the parameters of its loss_type.")
  private boolean keys;

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    return keys || check
        ? look(line.getOut())
        : RankProcess.run(line, Launch.here(), (cluster, out) -> train(cluster, out));
  }

  private Given given() {
    List<String> words = new ArrayList<>(overrides);
    Path file = config;
    if (file != null && file.toString().contains("=")) {
      // Everything may be given on the command line.
      words.add(0, file.toString());
      file = null;
    }
    return ConfigFile.read(file, words);
  }

  private int look(PrintWriter out) {
    if (keys) {
      list(given(), out);
    } else {
      boolean named = config != null && !config.toString().contains("=");
      CheckView.show(named ? config : null, given(), out);
    }
    return Dil.OK;
  }

  private int train(Cluster cluster, PrintWriter out) {
    TrainingConfig settings =
        cluster.agree(
            () -> {
              Translation translation = Translation.of(given());
              TrainingConfig read = TrainingConfig.of(translation);
              List<String> problems = RunCheck.problems(read);
              if (!problems.isEmpty()) {
                throw InputException.of(problems);
              }
              if (translation.isForeign()) {
                out.println(
                    "another trainer's file: "
                        + CheckView.summary(translation)
                        + " ('dil train --check' says which)");
              }
              return read;
            });
    return train(settings, out, cluster);
  }

  /** Trains with progress on the terminal; Ctrl-C writes a checkpoint first. */
  static int train(TrainingConfig settings, PrintWriter out, Cluster cluster) {
    tellGuesses(settings, out);
    Progress progress =
        new Progress(
            out,
            settings.get(Settings.LOGGING_STEPS),
            settings.get(CourseSettings.LOGGING_FIRST_STEP),
            Progress.isTerminal(cluster));
    TrainingRun run = new TrainingRun(settings, progress, cluster);
    Path folder = Path.of(settings.get(Settings.OUTPUT_DIR));
    Runnable stop =
        () -> {
          out.println("stopping; what was trained is kept (again: at once)");
          run.stop();
        };
    try (Interrupt interrupt = new Interrupt(stop)) {
      EndOfInput.watch(System.in, run::stop);
      if (run.run().outcome() == TrainingRun.Outcome.STOPPED) {
        String last = progress.lastCheckpoint();
        out.println(
            last.isEmpty()
                ? "stopped before the first step; the same command starts again"
                : "stopped; the same command goes on from " + last);
        return Dil.INTERRUPTED;
      }
    } finally {
      progress.stopped();
    }
    out.println(progress.table());
    out.println();
    out.println("model   " + folder);
    out.println("report  " + folder.resolve("report.html"));
    return Dil.OK;
  }

  private static void tellGuesses(TrainingConfig settings, PrintWriter out) {
    Set<String> names = new LinkedHashSet<>(settings.get(Settings.DATASET));
    names.addAll(settings.get(Settings.DATASET_MIXER).keySet());
    names.addAll(settings.get(Settings.EVAL_DATASET));
    for (String name : names) {
      GuessedFormat.tell(name, DataSpec.parse(name), out);
    }
  }

  /** Lists the settings, and the parameters of the loss that is named. */
  private static void list(Given given, PrintWriter out) {
    Settings.all()
        .forEach(
            setting -> out.println(line(setting.name(), "" + setting.fallback(), setting.help())));
    Object named = given.get(Settings.LOSS_TYPE.name());
    LossSpec loss;
    try {
      loss =
          Losses.describe(
              named == null ? Settings.LOSS_TYPE.fallback() : Settings.LOSS_TYPE.parse(named));
    } catch (IllegalArgumentException e) {
      throw new InputException("loss_type: " + e.getMessage(), e);
    }
    out.println();
    out.println(
        "parameters of loss_type "
            + loss.name()
            + " (of another one: dil train --keys loss_type=NAME; all: dil loss --list)");
    for (LossSpec part : loss.parts()) {
      for (LossParameter parameter : part.parameters()) {
        String names = String.join(", ", parameter.aliases());
        out.println(
            line(
                (part.equals(loss) ? "" : part.name() + ".") + parameter.name(),
                parameter.defaultValue(),
                parameter.description() + (names.isEmpty() ? "" : "; also " + names)));
      }
    }
    out.flush();
  }

  private static String line(String name, String fallback, String help) {
    return "%-30s %-12s %s".formatted(name, fallback, help);
  }
}
