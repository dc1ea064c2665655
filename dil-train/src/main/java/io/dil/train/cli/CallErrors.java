package io.dil.train.cli;

import io.dil.losses.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is said of a call that is wrong, in one line: what, what was probably meant, where to look.
 */
final class CallErrors {
  private CallErrors() {}

  static String message(ParameterException error) {
    if (error instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      return unmatched(
          unmatched.getCommandLine().getCommandSpec(), unmatched.getUnmatched().get(0));
    }
    String first = String.valueOf(error.getMessage()).lines().findFirst().orElse("a wrong call");
    return first.substring(0, 1).toLowerCase(Locale.ROOT) + first.substring(1);
  }

  private static String unmatched(CommandSpec command, String word) {
    String name = command.qualifiedName();
    if (word.startsWith("-")) {
      List<String> options = new ArrayList<>(command.optionsMap().keySet());
      return "unknown option '"
          + word
          + "'"
          + Nearest.hint(word, options, "; did you mean '", "'?")
          + " ('"
          + name
          + " --help' lists them)";
    }
    if (command.subcommands().isEmpty()) {
      return "'" + word + "' is one word too many for " + name + " ('" + name + " --help')";
    }
    return "unknown command '"
        + word
        + "'"
        + Nearest.hint(word, command.subcommands().keySet(), "; did you mean '", "'?")
        + " ('"
        + name
        + " --help' lists them)";
  }
}
