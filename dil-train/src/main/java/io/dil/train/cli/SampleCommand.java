package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.model.GenerationOptions;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.ExampleReader;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.LoadedModel;
import io.dil.train.eval.PythonRandom;
import io.dil.train.sample.AnswerFile;
import io.dil.train.sample.Answers;
import io.dil.train.sample.Sampling;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil sample}: a model's answers to the prompts of a data set. */
@Command(
    name = "sample",
    description = {
      "Answer the prompts of a data set: a line of JSON per prompt, in the data's order.",
      "A prompt that comes again is answered once. The same command goes on where it was stopped."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: dil sample --model DIR --data hh:test.jsonl.gz --limit 256 --shuffle 0 --out a.jsonl"
    })
public final class SampleCommand implements Callable<Integer> {
  /** What ends an answer in Anthropic HH: the human's next turn. */
  private static final String HH_STOP = "\n\nHuman:";

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SPEC",
      description = "FORMAT:PLACE, see dil data --help.")
  private String data = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where answers are written.")
  private @Nullable Path out;

  @Option(names = "--limit", paramLabel = "N", description = "The first N prompts (default: all).")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--shuffle",
      paramLabel = "SEED",
      description = "Shuffle the prompts first, as Python's random.seed(SEED); shuffle does.")
  private @Nullable Long shuffle;

  @Option(
      names = "--n",
      defaultValue = "1",
      paramLabel = "K",
      description = "Answers a prompt (default: ${DEFAULT-VALUE}).")
  private int answers;

  @Mixin private DrawOptions draws = new DrawOptions();

  @Option(
      names = "--max-new-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Tokens at most (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--max-prompt-length",
      paramLabel = "N",
      description = "Tokens of a prompt; a longer one loses its start (default: no limit).")
  private int maxPromptLength = Truncation.NONE.maxPromptLength();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End at this text; may be repeated (hh: the human's next turn).")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      paramLabel = "N",
      description = "Sequences written at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Mixin private ChatTemplateOption template = new ChatTemplateOption();

  @Override
  public Integer call() throws IOException {
    GenerationOptions options = draws.with(maxNewTokens, 1);
    if (answers < 1 || batchSize < 1 || limit < 1 || maxPromptLength < 1) {
      throw new InputException(
          "--n, --batch-size, --limit and --max-prompt-length must be at least 1");
    }
    if (answers > 1 && options.temperature() == 0) {
      throw new InputException("--n " + answers + " needs --temperature: greedy answers are equal");
    }
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    List<Example> prompts = prompts(err);
    Optional<String> given = template.read();
    ExampleTokenizer tokenizer = ExampleTokenizer.load(model.folder(), Truncation.NONE, given);
    List<String> ends = new ArrayList<>(stops);
    if (ends.isEmpty() && data.startsWith("hh:")) {
      ends.add(HH_STOP);
    }
    Path file = Objects.requireNonNull(out);
    try (AnswerFile answered = AnswerFile.open(file, settings(options, ends, given))) {
      int known = answered.known().size();
      if (known > prompts.size()) {
        throw new InputException(file + ": has more answers than " + prompts.size() + " prompts");
      }
      for (int i = 0; i < known; i++) {
        if (!answered.known().get(i).id().equals(prompts.get(i).id())) {
          throw new InputException(file + ":" + (i + 1) + ": answers another row than the data's");
        }
      }
      if (known > 0) {
        err.println("going on after " + known + " of " + prompts.size() + " prompts");
      }
      int[] cut = new int[1];
      try (LoadedModel loaded = model.load();
          RowProgress progress = new RowProgress(err, "sample", prompts.size(), known)) {
        new Sampling(loaded.model(), tokenizer, options, ends, answers, maxPromptLength)
            .run(
                prompts,
                known,
                batchSize,
                (index, one) -> {
                  answered.add(index, one);
                  cut[0] += one.promptCut() ? 1 : 0;
                  progress.step();
                });
      }
      if (cut[0] > 0) {
        err.println(
            cut[0]
                + " prompts are longer than "
                + maxPromptLength
                + " tokens and lost their start");
      }
    }
    report(file, err);
    return Dil.OK;
  }

  private List<Example> prompts(PrintWriter err) {
    List<Example> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int again = 0;
    try (ExampleReader reader = ExampleReader.open(DataConfig.of(DataSpec.parse(data)))) {
      while (reader.hasNext() && (shuffle != null || all.size() < limit)) {
        Parsed row = reader.next();
        if (row instanceof Example example) {
          if (seen.add(example.prompt().asText())) {
            all.add(example);
          } else {
            again++;
          }
        }
      }
    }
    if (all.isEmpty()) {
      throw new InputException("data must have at least one prompt, got none in " + data);
    }
    if (again > 0) {
      err.println(again + " rows have a prompt that was there before, and are passed over");
    }
    if (shuffle != null) {
      List<Example> shuffled = new ArrayList<>();
      for (int index : new PythonRandom(shuffle).shuffled(all.size())) {
        shuffled.add(all.get(index));
      }
      all = shuffled;
    }
    return all.subList(0, Math.min(limit, all.size()));
  }

  private ObjectNode settings(GenerationOptions options, List<String> ends, Optional<String> given)
      throws IOException {
    ObjectNode settings = new ObjectMapper().createObjectNode();
    settings.put("model", model.shown()).put("fingerprint", model.fingerprint());
    settings.put("data", data).put("shuffle", String.valueOf(shuffle)).put("n", answers);
    settings.put("temperature", options.temperature());
    settings.put("top_k", options.topK()).put("top_p", options.topP());
    settings.put("max_new_tokens", maxNewTokens).put("max_prompt_length", maxPromptLength);
    ends.forEach(settings.putArray("stop")::add);
    settings.put("chat_template", given.orElse(""));
    return settings.put("seed", options.seed());
  }

  private static void report(Path file, PrintWriter err) {
    List<Answers> all = AnswerFile.read(file);
    long ended = 0;
    long count = 0;
    for (Answers one : all) {
      ended += one.finish().stream().filter(Answers.STOP::equals).count();
      count += one.finish().size();
    }
    err.println(
        all.size()
            + " prompts, "
            + count
            + " answers, of which "
            + (count - ended)
            + " were cut at --max-new-tokens");
    err.flush();
  }
}
