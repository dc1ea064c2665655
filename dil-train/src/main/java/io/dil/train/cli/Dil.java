package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.train.TrainingException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
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
        (error, command, parsed) ->
            report(
                command,
                command.getCommandSpec().root().userObject() instanceof Dil dil && dil.verbose,
                error));
    if (args.length == 0) {
      line.usage(System.out);
      return BAD_INPUT;
    }
    return line.execute(args);
  }

  private static int report(CommandLine command, boolean verbose, Exception error) {
    PrintWriter err = command.getErr();
    if (verbose) {
      error.printStackTrace(err);
    }
    boolean badInput =
        error instanceof InputException
            || error instanceof ParameterException
            || error instanceof InvalidPathException;
    if (error instanceof InputException input) {
      input.problems().forEach(problem -> err.println("dil: " + shown(problem)));
    } else if (error instanceof ParameterException call) {
      err.println("dil: " + shown(CallErrors.message(call)));
    } else {
      err.println("dil: " + message(error, badInput));
    }
    err.flush();
    return badInput ? BAD_INPUT : FAILURE;
  }

  private static String message(Exception error, boolean expected) {
    String text = error.getMessage() == null ? "no further message" : error.getMessage();
    if (error instanceof InvalidPathException path) {
      text = "path is not one of this system (" + path.getReason() + "): " + path.getInput();
    }
    String first = shown(text.lines().findFirst().orElse(""));
    return expected || error instanceof TrainingException
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
