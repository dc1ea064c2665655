package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Pass;
import io.dil.core.model.PromptSharing;
import io.dil.data.TokenizedExample;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.LoadedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code dil score}: log-probabilities of the responses of a data set, or a reward model's rewards,
 * as JSON lines.
 */
@Command(
    name = "score",
    description = "Write the log-probabilities or rewards of responses as JSON lines.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {"", "Example: dil score --model DIR --data hh:test.jsonl.gz --limit 64"})
public final class ScoreCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Every sequence by itself, as other tools score it. */
  private static final ComputeOptions AS_OTHERS =
      ComputeOptions.DEFAULT.withSharing(PromptSharing.NEVER);

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SPEC",
      description = "FORMAT:PLACE, see dil data --help.")
  private String data = "";

  @Option(names = "--limit", paramLabel = "N", description = "Score N examples (default: all).")
  private long limit = Long.MAX_VALUE;

  @Mixin private TokenizerOptions tokens = new TokenizerOptions();

  @Option(names = "--per-token", description = "Write every token's id and log-probability too.")
  private boolean perToken;

  @Option(names = "--rewards", description = "Write the rewards of a reward model.")
  private boolean rewards;

  @Option(names = "--out", paramLabel = "FILE", description = "Where to write (default: stdout).")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    if (rewards && perToken) {
      throw new InputException("--per-token goes without --rewards: a response has one reward");
    }
    ExampleTokenizer tokenizer = tokens.load(model.folder());
    DataConfig config = DataConfig.of(DataSpec.parse(data));
    try (ExampleStream stream = ExampleStream.open(config, tokenizer, DataPosition.start());
        LoadedModel loaded =
            rewards ? model.loadReward(tokenizer.padId()) : model.loadToCompare()) {
      CausalLm policy = loaded.model();
      tokenizer.checkFits(policy.vocabSize());
      PrintWriter console = Objects.requireNonNull(spec).commandLine().getOut();
      if (out == null) {
        score(stream, policy, console::println);
        console.flush();
      } else {
        StringBuilder lines = new StringBuilder();
        score(stream, policy, line -> lines.append(line).append('\n'));
        AtomicFile.write(out, lines.toString().getBytes(StandardCharsets.UTF_8));
      }
      if (stream.drops().total() > 0) {
        spec.commandLine().getErr().println("left out: " + stream.drops());
      }
    }
    return Dil.OK;
  }

  private void score(ExampleStream stream, CausalLm policy, Consumer<String> lines) {
    for (long i = 0; i < limit && stream.hasNext(); i++) {
      TokenizedExample example = stream.next();
      ObjectNode line = JSON.createObjectNode();
      line.put("id", example.id());
      line.put("prompt_tokens", example.tokens().prompt().size());
      try (Pass pass = policy.inference(List.of(example.tokens()), AS_OTHERS)) {
        double[] scores = pass.scores();
        for (double score : scores) {
          if (!Double.isFinite(score)) {
            throw new InputException(
                example.id()
                    + (rewards ? ": reward" : ": log-probability")
                    + " must be finite, got "
                    + score
                    + "; the model's weights may not be");
          }
        }
        List<float[]> terms = perToken ? pass.tokenLogProbs() : List.of();
        List<Tokens> responses = example.tokens().responses();
        for (int r = 0; r < responses.size(); r++) {
          String name = !example.isPair() ? "response" : r == 0 ? "chosen" : "rejected";
          ObjectNode response = line.putObject(name);
          response.put("tokens", responses.get(r).size());
          response.put(rewards ? "reward" : "logp", scores[r]);
          if (perToken) {
            responses.get(r).stream().forEach(response.putArray("ids")::add);
            ArrayNode logps = response.putArray("logps");
            for (float term : terms.get(r)) {
              // As a double, so that its digits add up to those of the sum.
              logps.add((double) term);
            }
          }
        }
      }
      lines.accept(line.toString());
    }
  }
}
