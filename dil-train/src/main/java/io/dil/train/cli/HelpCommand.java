package io.dil.train.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code dil help COMMAND}: what {@code dil COMMAND --help} says. */
@Command(
    name = "help",
    description = "Show the help of a command.",
    footer = {"", "Example: dil help data stats"},
    mixinStandardHelpOptions = true)
public final class HelpCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0..*",
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "A command, and one of its own where it has some; none: all commands.")
  private List<String> words = new ArrayList<>();

  @Override
  public void run() {
    CommandLine own = Objects.requireNonNull(spec).commandLine();
    CommandLine at = own.getParent();
    for (String word : words) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        throw new UnmatchedArgumentException(at, List.of(word));
      }
      at = next;
    }
    at.usage(own.getOut());
  }
}
