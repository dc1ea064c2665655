package io.dil.train.cli;

import io.dil.train.ChatTemplateFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of every command that puts conversations into a chat template. */
final class ChatTemplateOption {
  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "Jinja file used instead of the model's own template.")
  private @Nullable Path file;

  /** Returns the template's source, if one was given. */
  Optional<String> read() {
    return ChatTemplateFile.read(file);
  }
}
