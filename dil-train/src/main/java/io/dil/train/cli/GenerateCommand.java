package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.Tokens;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil generate}: continues a prompt. */
@Command(
    name = "generate",
    description = "Continue a prompt; the new text is printed as it comes.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOption model = new ModelOption();

  @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The prompt.")
  private String prompt = "";

  @Option(
      names = "--max-new-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens at most (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 is greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0: from all.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that reach probability P.")
  private double topP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "X",
      description = "Make tokens that already stand less likely; 1: do not.")
  private double repetitionPenalty;

  @Option(names = "--stop", paramLabel = "TEXT", description = "End at this text; may be repeated.")
  private List<String> stops = new ArrayList<>();

  @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "Of the draws.")
  private long seed;

  @Option(names = "--json", description = "Print tokens and text as one JSON object at the end.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    GenerationOptions options =
        new GenerationOptions(maxNewTokens, temperature, topK, topP, repetitionPenalty, seed);
    ExampleTokenizer tokenizer = ExampleTokenizer.load(model.folder(), Truncation.NONE);
    try (LoadedModel loaded = model.load()) {
      DecoderLm policy = loaded.model();
      tokenizer.checkFits(policy.spec().vocabSize());
      Tokens start = tokenizer.encodePrompt(prompt);
      StreamedText text =
          new StreamedText(tokenizer::decode, stops, json ? part -> {} : part -> print(out, part));
      List<Tokens> made =
          new Generator(policy, tokenizer.endIds())
              .generate(List.of(start), options, (sequence, id) -> text.accept(id));
      text.finish();
      if (json) {
        ObjectNode result = new ObjectMapper().createObjectNode();
        start.stream().forEach(result.putArray("prompt_tokens")::add);
        made.get(0).stream().forEach(result.putArray("tokens")::add);
        result.put("text", text.text());
        out.println(result);
      } else {
        out.println();
      }
      out.flush();
    }
    return Dil.OK;
  }

  private static void print(PrintWriter out, String part) {
    out.print(part);
    out.flush();
  }
}
