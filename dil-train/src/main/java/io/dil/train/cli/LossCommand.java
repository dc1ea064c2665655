package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil loss}: lists the losses, or evaluates one on given numbers. */
@Command(
    name = "loss",
    description = "List the losses, or evaluate one on given log-probabilities.",
    sortOptions = false,
    footer = {
      "",
      "FILE holds summed log-probabilities:",
      "  {\"policy\": {\"chosen\": [..], \"rejected\": [..]}, \"reference\": {..}, \"tokens\": {..}}",
      "or, for losses of single responses:",
      "  {\"policy\": {\"logp\": [..]}, \"reference\": {\"logp\": [..]}, \"tokens\": [..],",
      "   \"desirable\": [..], \"kl\": x}",
      "",
      "Example: dil loss dpo beta=0.05 --in pairs.json"
    })
public final class LossCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME [KEY=VALUE..]",
      description = "A loss and its parameters.")
  private List<String> words = new ArrayList<>();

  @Option(names = "--in", paramLabel = "FILE", description = "Evaluate on the numbers in FILE.")
  private @Nullable Path in;

  @Option(names = "--list", description = "List the losses.")
  private boolean list;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--json", description = "List as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (help) {
      throw new IllegalStateException("picocli shows the help itself");
    }
    if (list) {
      return listAll();
    }
    if (json) {
      throw new InputException("--json goes with --list, got no --list");
    }
    if (words.isEmpty()) {
      throw new InputException("loss needs a name or --list, got neither");
    }
    if (in == null) {
      throw new InputException("loss " + words.get(0) + " needs --in FILE, got none");
    }
    PreferenceLoss loss = parse();
    print(new LossEvaluation(words.get(0), loss).evaluate(LossInput.read(in)));
    return 0;
  }

  private PreferenceLoss parse() {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new InputException("a loss's parameter must be KEY=VALUE, got " + word);
      }
      if (parameters.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
        throw new InputException(word.substring(0, equals) + " must be given once, got it twice");
      }
    }
    try {
      return Losses.create(words.get(0), parameters);
    } catch (IllegalArgumentException wrong) {
      throw new InputException(String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private int listAll() {
    if (!words.isEmpty() || in != null) {
      throw new InputException("--list takes no other arguments, got some");
    }
    if (json) {
      print(LossListing.asData());
    } else {
      for (LossSpec each : Losses.describe()) {
        out().println(LossListing.asText(each));
      }
    }
    return 0;
  }

  private void print(Object value) {
    try {
      out().println(JSON.writeValueAsString(value));
      out().flush();
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private PrintWriter out() {
    if (spec == null) {
      throw new IllegalStateException("the command runs under picocli");
    }
    return spec.commandLine().getOut();
  }
}
