package io.dil.train;

import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a chat template that is used instead of the model's own. */
public final class ChatTemplateFile {
  private ChatTemplateFile() {}

  /**
   * Returns the Jinja source in {@code file}; empty where none is named.
   *
   * @throws InputException if it cannot be read
   */
  public static Optional<String> read(@Nullable Path file) {
    if (file == null || file.toString().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as a chat template: " + e.getMessage(), e);
    }
  }
}
