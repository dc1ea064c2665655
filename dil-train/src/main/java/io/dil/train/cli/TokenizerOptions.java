package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.data.token.ChatOptions;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that tokenises a data set. */
final class TokenizerOptions {
  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of prompt and response; the response's end is cut (default: no limit).")
  private int maxLength = Truncation.NONE.maxLength();

  @Option(
      names = "--max-prompt-length",
      paramLabel = "N",
      description = "Tokens of the prompt; its start is cut (default: no limit).")
  private int maxPromptLength = Truncation.NONE.maxPromptLength();

  @Mixin private ChatTemplateOption template = new ChatTemplateOption();

  @Option(
      names = "--chat-template-kwargs",
      paramLabel = "JSON",
      description =
          "What the chat template is given besides, such as '{\"enable_thinking\": false}'.")
  private String arguments = "{}";

  @Option(
      names = "--assistant-only-loss",
      description = "Of SFT conversations, every assistant turn is learnt, not only the last.")
  private boolean everyTurn;

  /** Loads the tokenizer of a model folder. */
  ExampleTokenizer load(Path folder) {
    return ExampleTokenizer.load(
        folder,
        new Truncation(maxLength, maxPromptLength),
        new ChatOptions(template.read(), arguments(), everyTurn));
  }

  private JsonNode arguments() {
    try {
      JsonNode given = new ObjectMapper().readTree(arguments);
      if (given.isObject()) {
        return given;
      }
    } catch (JsonProcessingException e) {
      // The same complaint as for JSON of another kind.
    }
    throw new InputException("--chat-template-kwargs must be a JSON object, got " + arguments);
  }
}
