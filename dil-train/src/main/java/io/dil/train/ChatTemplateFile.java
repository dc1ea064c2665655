package io.dil.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A chat template that is used instead of the model's own. */
public final class ChatTemplateFile {
  private static final ObjectMapper JSON = new ObjectMapper();

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

  /**
   * Returns the Jinja source that a configuration says or names; empty where it does neither.
   *
   * @throws InputException if its file cannot be read
   */
  public static Optional<String> of(TrainingConfig config) {
    String own = config.get(ChatSettings.CHAT_TEMPLATE_TEXT);
    return own.isEmpty() ? read(Path.of(config.get(Settings.CHAT_TEMPLATE))) : Optional.of(own);
  }

  /**
   * Puts the template that a run was trained with into a model folder, where transformers reads it:
   * in its own file, and in {@code tokenizer_config.json} where that has one. Without a template of
   * the run's own, the folder keeps what came with the model.
   */
  static void write(Path folder, TrainingConfig config) throws IOException {
    Optional<String> template = of(config);
    if (template.isEmpty() || !Files.isDirectory(folder)) {
      return;
    }
    AtomicFile.write(
        folder.resolve("chat_template.jinja"), template.get().getBytes(StandardCharsets.UTF_8));
    Path tokenizer = folder.resolve("tokenizer_config.json");
    if (Files.exists(tokenizer)
        && JSON.readTree(tokenizer.toFile()) instanceof ObjectNode settings
        && settings.has("chat_template")) {
      settings.put("chat_template", template.get());
      AtomicFile.write(
          tokenizer, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(settings));
    }
  }
}
