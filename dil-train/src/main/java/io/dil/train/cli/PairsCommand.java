package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.LoadedModel;
import io.dil.train.pair.AnswerPair;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.pair.Judged;
import io.dil.train.pair.PairRule;
import io.dil.train.pair.Pairing;
import io.dil.train.pair.RewardFile;
import io.dil.train.pair.RewardModel;
import io.dil.train.run.Checksums;
import io.dil.train.sample.AnswerFile;
import io.dil.train.sample.Answers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil pairs}: preference pairs of a model's answers and their rewards. */
@Command(
    name = "pairs",
    description = {
      "Make preference pairs of several answers per prompt and their rewards.",
      "The file is data that dil train reads. Beside it lies what it was made from."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: dil pairs --answers a.jsonl --reward-model DIR --min-gap 0.5 --out pairs.jsonl"
    })
public final class PairsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description = "Answers, as dil sample --n K writes them; may be repeated.")
  private List<Path> answers = new ArrayList<>();

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  /** Where rewards come from. */
  static final class Source {
    @Option(
        names = "--reward-model",
        paramLabel = "DIR",
        description = "Reward model, or an adapter's folder that names its model.")
    private @Nullable String model;

    @Option(
        names = "--rewards",
        paramLabel = "FILE",
        description = "Lines of JSON: id, and rewards, one number per answer.")
    private @Nullable Path rewards;

    @Option(
        names = "--judged",
        paramLabel = "DIR",
        description = "A folder of dil judge, whose two files are the answers.")
    private @Nullable Path judged;
  }

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "Of the reward model: auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(
      names = "--rule",
      defaultValue = "best-worst",
      paramLabel = "NAME",
      description = "best-worst, or best-random: the best against a random worse one.")
  private String rule = "best-worst";

  @Option(
      names = "--min-gap",
      defaultValue = "0",
      paramLabel = "T",
      description = "Drop pairs whose rewards differ by less (default: ${DEFAULT-VALUE}).")
  private double minGap;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Of --rule best-random.")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where pairs are written.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter err = command.commandLine().getErr();
    if (!(minGap >= 0) || Double.isInfinite(minGap)) {
      throw new InputException("--min-gap must be a number of at least 0, got " + minGap);
    }
    Pairing pairing = new Pairing(Names.of("--rule", PairRule.class, rule), minGap, seed);
    ObjectNode made = JSON.createObjectNode();
    StringBuilder lines = new StringBuilder();
    int[] counts = new int[2];
    BiConsumer<Answers, double[]> taker =
        (one, rewards) -> {
          counts[0]++;
          pairing
              .pair(one, rewards)
              .map(AnswerPair::toJson)
              .ifPresent(
                  pair -> {
                    lines.append(pair).append('\n');
                    counts[1]++;
                  });
        };
    if (source.judged != null) {
      if (!answers.isEmpty()) {
        throw new InputException("--answers goes without --judged, whose folder names its files");
      }
      made.put("judged", source.judged.toString());
      made.put("without_verdict", Judged.read(source.judged, taker));
    } else {
      read(made, taker, err);
    }
    if (counts[1] == 0) {
      throw new InputException(
          "no pair came of "
              + counts[0]
              + " prompts: "
              + pairing.reasons()
              + "; nothing was written");
    }
    Path file = Objects.requireNonNull(out);
    made.put("rule", rule).put("min_gap", minGap).put("seed", seed);
    made.put("prompts", counts[0]).put("pairs", counts[1]);
    made.put("equal_answers", pairing.equalAnswers());
    made.put("empty_answers", pairing.emptyAnswers());
    ObjectNode dropped = made.putObject("dropped");
    pairing.drops().forEach((why, count) -> dropped.put(why.toString(), count));
    AtomicFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        file.resolveSibling(file.getFileName() + ".settings.json"),
        (made.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    String reasons = pairing.reasons();
    err.println(
        counts[1]
            + " pairs of "
            + counts[0]
            + " prompts"
            + (reasons.isEmpty() ? "" : "; " + reasons));
    err.flush();
    return Dil.OK;
  }

  private void read(ObjectNode made, BiConsumer<Answers, double[]> taker, PrintWriter err)
      throws IOException {
    if (answers.isEmpty()) {
      throw new InputException("--answers must name at least one file");
    }
    ArrayNode files = made.putArray("answers");
    List<Answers> all = new ArrayList<>();
    for (Path file : answers) {
      List<Answers> some = AnswerFile.read(file);
      if (some.isEmpty()) {
        throw new InputException(file + ": has no answers");
      }
      files.addObject().put("file", file.toString()).put("sha256", Checksums.of(List.of(file)));
      all.addAll(some);
    }
    if (source.rewards != null) {
      made.put("rewards", source.rewards.toString())
          .put("rewards_sha256", Checksums.of(List.of(source.rewards)));
      each(all, RewardFile.read(source.rewards), taker, err);
      return;
    }
    ModelOption named = ModelOption.of(Objects.requireNonNull(source.model), device);
    made.put("reward_model", named.shown()).put("fingerprint", named.fingerprint());
    ExampleTokenizer tokenizer = ExampleTokenizer.load(named.folder(), Truncation.NONE);
    try (LoadedModel loaded = named.loadReward(tokenizer.padId())) {
      each(all, new RewardModel(loaded.model(), tokenizer), taker, err);
    }
  }

  private static void each(
      List<Answers> all,
      AnswerRewards rewards,
      BiConsumer<Answers, double[]> taker,
      PrintWriter err) {
    try (RowProgress progress = new RowProgress(err, "pairs", all.size(), 0)) {
      for (Answers one : all) {
        taker.accept(one, rewards.rewards(one));
        progress.step();
      }
    }
  }
}
