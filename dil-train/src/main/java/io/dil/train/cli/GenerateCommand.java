package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.Prompt;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.LoadedModel;
import java.io.PrintWriter;
import java.util.ArrayList;
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

/** {@code dil generate}: continues prompts. */
@Command(
    name = "generate",
    description = {
      "Continue prompts.",
      "The text after a single prompt is printed as it comes. Several are computed at once, and each is",
      "printed with its prompt when it is complete."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {"", "Example: dil generate --model DIR --chat --prompt 'Name a prime.'"})
public final class GenerateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private PromptOptions prompts = new PromptOptions();

  @Option(
      names = "--max-new-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens at most (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Mixin private DrawOptions draws = new DrawOptions();

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "X",
      description = "Make tokens that already stand less likely; 1: do not.")
  private double repetitionPenalty;

  @Option(names = "--stop", paramLabel = "TEXT", description = "End at this text; may be repeated.")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--batch-size",
      defaultValue = "8",
      paramLabel = "N",
      description = "Prompts computed at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(names = "--json", description = "Print a line of JSON a prompt: tokens and text.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    GenerationOptions options = draws.with(maxNewTokens, repetitionPenalty);
    if (batchSize < 1) {
      throw new InputException("--batch-size must be at least 1, got " + batchSize);
    }
    List<Prompt> all = prompts.read();
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(model.folder(), Truncation.NONE, prompts.template());
    List<Tokens> starts = all.stream().map(tokenizer::encodePrompt).toList();
    try (LoadedModel loaded = model.load()) {
      CausalLm policy = loaded.model();
      tokenizer.checkFits(policy.vocabSize());
      Generator generator = new Generator(policy, tokenizer.endIds());
      boolean streams = all.size() == 1 && !json;
      for (int i = 0; i < all.size(); i += batchSize) {
        List<Tokens> batch = starts.subList(i, Math.min(all.size(), i + batchSize));
        List<StreamedText> texts = new ArrayList<>();
        while (texts.size() < batch.size()) {
          Consumer<String> sink = streams ? part -> print(out, part) : part -> {};
          texts.add(new StreamedText(tokenizer::decode, stops, sink));
        }
        List<Tokens> made =
            generator.generate(
                batch,
                options.withSeed(Generator.seed(options.seed(), i)),
                (sequence, id) -> texts.get(sequence).accept(id));
        for (int j = 0; j < batch.size(); j++) {
          texts.get(j).finish();
          if (json) {
            out.println(line(batch.get(j), made.get(j), texts.get(j).text()));
            continue;
          }
          if (!streams) {
            out.println("> " + all.get(i + j).asText().strip());
            out.println(texts.get(j).text());
          }
          out.println();
        }
      }
      out.flush();
    }
    return Dil.OK;
  }

  private static ObjectNode line(Tokens prompt, Tokens made, String text) {
    ObjectNode line = new ObjectMapper().createObjectNode();
    prompt.stream().forEach(line.putArray("prompt_tokens")::add);
    made.stream().forEach(line.putArray("tokens")::add);
    return line.put("text", text);
  }

  private static void print(PrintWriter out, String part) {
    out.print(part);
    out.flush();
  }
}
