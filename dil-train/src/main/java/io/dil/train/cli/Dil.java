package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.train.TrainingException;
import io.dil.train.rank.Launch;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code dil}. */
@Command(
    name = "dil",
    description = "Preference training of language models on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Dil.Version.class,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      SweepCommand.class,
      PlanCommand.class,
      ScoreCommand.class,
      LossCommand.class,
      DataCommand.class,
      TemplateCommand.class,
      GenerateCommand.class,
      EvalCommand.class,
      SampleCommand.class,
      PairsCommand.class,
      JudgeCommand.class,
      ReportCommand.class,
      MergeCommand.class,
      PushCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    })
public final class Dil {
  /** Ended well. */
  static final int OK = 0;

  /** Failed while running. */
  static final int FAILURE = 1;

  /** A bad call or bad input. */
  static final int BAD_INPUT = 2;

  /** Stopped by Ctrl-C, as shells count it: 128 + SIGINT. */
  static final int INTERRUPTED = 130;

  /** What several processes may be started for, and what tells of them. */
  private static final Set<String> SHARED = Set.of("train", "help", "doctor");

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean verbose;

  /** Runs a command and exits with its status. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command and returns its status. */
  public static int run(String... args) {
    CommandLine line = new CommandLine(new Dil());
    line.setOut(new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true));
    line.setParameterExceptionHandler(
        (error, given) ->
            report(error.getCommandLine(), Arrays.asList(given).contains("--verbose"), error));
    line.setExecutionExceptionHandler(
        (error, command, parsed) -> report(command, isVerbose(command), error));
    if (args.length == 0) {
      line.usage(System.out);
      return BAD_INPUT;
    }
    return isRefused(line, args) ? BAD_INPUT : line.execute(args);
  }

  /** Several processes that all did the work of one would write over each other. */
  private static boolean isRefused(CommandLine line, String[] args) {
    Optional<String> command = Arrays.stream(args).filter(arg -> !arg.startsWith("-")).findFirst();
    if (command.isEmpty() || SHARED.contains(command.get())) {
      return false;
    }
    Launch launch;
    try {
      launch = Launch.here();
    } catch (InputException e) {
      // What is wrong with the variables matters to what is shared alone.
      return false;
    }
    if (launch.leads() && launch.isShared()) {
      line.getErr()
          .println(
              "dil: "
                  + command.get()
                  + " runs in one process, and "
                  + launch.launcher()
                  + " started "
                  + launch.size()
                  + "; of the commands train is shared");
    }
    return launch.isShared();
  }

  private static int report(CommandLine command, boolean verbose, Exception error) {
    PrintWriter err = command.getErr();
    if (verbose) {
      error.printStackTrace(err);
    }
    if (error instanceof InputException input) {
      input.problems().forEach(problem -> err.println("dil: " + shown(problem)));
    } else if (error instanceof ParameterException call) {
      err.println("dil: " + shown(CallErrors.message(call)));
    } else {
      err.println("dil: " + line(error));
    }
    err.flush();
    return status(error);
  }

  /** Returns the exit status of an error. */
  static int status(Throwable error) {
    return isBadInput(error) ? BAD_INPUT : FAILURE;
  }

  /** Returns whether stack traces are asked for. */
  static boolean isVerbose(CommandLine command) {
    return command.getCommandSpec().root().userObject() instanceof Dil dil && dil.verbose;
  }

  private static boolean isBadInput(Throwable error) {
    return error instanceof InputException
        || error instanceof ParameterException
        || error instanceof InvalidPathException;
  }

  /** Says in one line what an error is. */
  static String line(Throwable error) {
    String text = error.getMessage() == null ? "no further message" : error.getMessage();
    if (error instanceof InvalidPathException path) {
      text = "path is not one of this system (" + path.getReason() + "): " + path.getInput();
    }
    String first = shown(text.lines().findFirst().orElse(""));
    return isBadInput(error) || error instanceof TrainingException
        ? first
        : error.getClass().getSimpleName() + ": " + first + " (--verbose tells where)";
  }

  private static String shown(String line) {
    return line.replaceAll("\\p{Cntrl}", "?").trim();
  }

  /** Tells the version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Dil.class.getPackage().getImplementationVersion();
      return new String[] {"dil " + (version == null ? "development build" : version)};
    }
  }
}
