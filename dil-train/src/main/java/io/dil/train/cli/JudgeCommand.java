package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Precision;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.Devices;
import io.dil.train.Models;
import io.dil.train.StoredModel;
import io.dil.train.TrainingException;
import io.dil.train.judge.Comparison;
import io.dil.train.judge.Comparisons;
import io.dil.train.judge.Endpoint;
import io.dil.train.judge.HttpEndpoint;
import io.dil.train.judge.HttpSettings;
import io.dil.train.judge.Judge;
import io.dil.train.judge.JudgeJson;
import io.dil.train.judge.JudgeOptions;
import io.dil.train.judge.JudgePrompts;
import io.dil.train.judge.JudgeResult;
import io.dil.train.judge.LocalEndpoint;
import io.dil.train.judge.PairedTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil judge}: which of two sets of answers a judge prefers. */
@Command(
    name = "judge",
    description = {
      "Have a judge compare two sets of answers, and say how sure the win rate is.",
      "Verdicts are kept as they come. The same command goes on where it was stopped and asks nothing",
      "twice."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The key of a server is read from OPENAI_API_KEY and from nowhere else.",
      "Example: dil judge --data hh:test.jsonl.gz --a dil.jsonl --b chosen --prompt hh",
      "           --model gpt-4-0314 --out judged"
    })
public final class JudgeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SPEC",
      description = "The rows that were answered: FORMAT:PLACE, see dil data --help.")
  private String data = "";

  @Option(
      names = "--a",
      required = true,
      paramLabel = "FILE",
      description = "Answers, as dil sample writes them; or chosen, rejected: those of the data.")
  private String a = "";

  @Option(
      names = "--b",
      defaultValue = "chosen",
      paramLabel = "FILE",
      description = "The other answers (default: ${DEFAULT-VALUE}).")
  private String b = "chosen";

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "NAME",
      description = "hh, tldr, or a YAML file with the same keys.")
  private String prompt = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of verdicts and results.")
  private @Nullable Path out;

  @Mixin private JudgeServer server = new JudgeServer();

  @Option(
      names = "--local",
      paramLabel = "DIR",
      description = "A model folder as the judge, in place of a server.")
  private @Nullable String local;

  @Option(names = "--local-chat", description = "Put the question into that model's template.")
  private boolean localChat;

  @Option(names = "--limit", paramLabel = "N", description = "The first N pairs (default: all).")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Decides, row by row, which answer stands first.")
  private long seed;

  @Option(names = "--both-orders", description = "Judge every pair twice, each answer first once.")
  private boolean bothOrders;

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description = "Another --out, of another --a: compare the two on the same prompts.")
  private @Nullable Path against;

  @Option(
      names = "--max-invalid",
      defaultValue = "0.05",
      paramLabel = "SHARE",
      description = "Fail above this share of pairs without a verdict (default: ${DEFAULT-VALUE}).")
  private double maxInvalid;

  @Option(names = "--dry-run", description = "Say what judging would cost, and ask nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter err = command.commandLine().getErr();
    PrintWriter console = command.commandLine().getOut();
    Path folder = Objects.requireNonNull(out);
    Comparisons read = Comparisons.read(data, a, b, limit);
    if (read.missing() > 0) {
      err.println(read.missing() + " rows of the data lack an answer of a or b, and are left out");
    }
    JudgeOptions options = options();
    Judge judge = new Judge(options);
    List<Comparison> pairs = read.pairs();
    Judge.Estimate estimate = judge.estimate(pairs, folder);
    if (dryRun) {
      console.printf(
          Locale.ROOT,
          "%d questions to ask, %d known; about %d tokens to read%s%n",
          estimate.questions(),
          estimate.known(),
          estimate.promptTokens(),
          server.hasPrices()
              ? String.format(Locale.ROOT, ", at most about %.2f to pay", estimate.price())
              : "; --price-in and --price-out tell the price");
      console.flush();
      return Dil.OK;
    }
    if (estimate.known() > 0) {
      err.println("going on after " + estimate.known() + " verdicts");
    }
    JudgeResult result;
    int questions = estimate.known() + estimate.questions();
    try (RowProgress progress = new RowProgress(err, "judge", questions, estimate.known())) {
      Runnable step =
          () -> {
            synchronized (progress) {
              progress.step();
            }
          };
      result =
          local == null ? remote(judge, pairs, folder, step) : here(judge, pairs, folder, step);
    }
    ObjectNode whole = settings(options);
    whole.setAll(JudgeJson.of(result));
    PairedTest paired = against == null ? null : JudgeJson.against(result, whole, against, seed);
    if (paired != null) {
      ObjectNode other = whole.putObject("against").put("folder", String.valueOf(against));
      other.setAll(JudgeJson.of(paired));
    }
    JudgeJson.write(folder, whole, result);
    if (json) {
      console.println(whole.toPrettyString());
    } else {
      console.print(JudgeJson.text(result));
      if (paired != null) {
        console.print(JudgeJson.text(paired, Objects.requireNonNull(against)));
      }
    }
    console.flush();
    if (result.invalid() > maxInvalid * result.pairs()) {
      throw new TrainingException(
          result.invalid()
              + " of "
              + result.pairs()
              + " pairs have no verdict, more than --max-invalid allows; "
              + folder
              + " holds what the judge said");
    }
    return Dil.OK;
  }

  private JudgeOptions options() {
    String host = local == null ? server.base().getAuthority() : "local";
    String name = local == null ? server.model() : local;
    return new JudgeOptions(
        JudgePrompts.of(prompt),
        name + " at " + host + " with " + server.parameters(),
        seed,
        bothOrders,
        local == null ? server.concurrency() : 1,
        server.priceIn(),
        server.priceOut(),
        server.maxCost(),
        server.maxTokens());
  }

  private ObjectNode settings(JudgeOptions options) {
    return new ObjectMapper()
        .createObjectNode()
        .put("data", data)
        .put("a", a)
        .put("b", b)
        .put("prompt", prompt)
        .put("judge", options.judge())
        .put("seed", seed)
        .put("both_orders", bothOrders);
  }

  private JudgeResult remote(Judge judge, List<Comparison> pairs, Path folder, Runnable step) {
    HttpSettings settings = server.settings();
    Optional<String> key = Optional.ofNullable(System.getenv("OPENAI_API_KEY"));
    try (Endpoint endpoint = new HttpEndpoint(settings, key)) {
      return judge.run(pairs, endpoint, folder, step);
    }
  }

  private JudgeResult here(Judge judge, List<Comparison> pairs, Path folder, Runnable step) {
    Path place = Models.folder(Objects.requireNonNull(local));
    ExampleTokenizer tokenizer = ExampleTokenizer.load(place, Truncation.NONE);
    GenerationOptions options =
        GenerationOptions.sample(server.maxTokens(), server.temperature(), seed);
    try (var model =
            StoredModel.open(place, false).load(Devices.of("auto"), Precision.FLOAT32, false);
        Endpoint endpoint = new LocalEndpoint(model, tokenizer, options, local, localChat)) {
      tokenizer.checkFits(model.vocabSize());
      return judge.run(pairs, endpoint, folder, step);
    }
  }
}
