package io.dil.train.cli;

import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.ChatTemplateFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "Jinja file used instead of the model's own template.")
  private @Nullable Path chatTemplate;

  /** Loads the tokenizer of a model folder. */
  ExampleTokenizer load(Path folder) {
    return ExampleTokenizer.load(
        folder, new Truncation(maxLength, maxPromptLength), ChatTemplateFile.read(chatTemplate));
  }
}
