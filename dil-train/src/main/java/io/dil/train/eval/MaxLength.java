package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The longest sequence that a model was made for, found where the harness looks for it. */
public final class MaxLength {
  /** The harness's {@code _DEFAULT_MAX_LENGTH}. */
  private static final int DEFAULT = 2048;

  private static final List<String> KEYS =
      List.of("n_positions", "max_position_embeddings", "n_ctx");

  private MaxLength() {}

  /** Returns it for a model folder. */
  public static int of(Path folder) {
    JsonNode config = read(folder.resolve("config.json"));
    for (JsonNode source : List.of(config, config.path("text_config"))) {
      for (String key : KEYS) {
        if (source.path(key).isInt() && source.path(key).intValue() > 0) {
          return source.path(key).intValue();
        }
      }
    }
    // A tokenizer without a limit says 10^30.
    JsonNode limit = read(folder.resolve("tokenizer_config.json")).path("model_max_length");
    return limit.isInt() && limit.intValue() > 0 ? limit.intValue() : DEFAULT;
  }

  private static JsonNode read(Path file) {
    ObjectMapper json = new ObjectMapper();
    if (!Files.exists(file)) {
      return json.createObjectNode();
    }
    try {
      return json.readTree(file.toFile());
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
