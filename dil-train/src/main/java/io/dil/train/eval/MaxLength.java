package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The longest sequence that a model was made for, found where the harness looks for it.
 *
 * @param tokens its number of tokens
 */
public record MaxLength(int tokens) {
  /** The harness's {@code _DEFAULT_MAX_LENGTH}. */
  private static final int DEFAULT = 2048;

  /**
   * Below it no benchmark fits: MATH alone writes as many tokens, and of ARC's 25 shots a handful
   * would be left. Models so small are there to try things out.
   */
  private static final int LEAST = 1024;

  /** What such a model computes: every context of the benchmarks fits. */
  private static final int OF_SMALL = 8192;

  private static final List<String> KEYS =
      List.of("n_positions", "max_position_embeddings", "n_ctx");

  /** Returns it for a model folder. */
  public static MaxLength of(Path folder) {
    JsonNode config = read(folder.resolve("config.json"));
    for (JsonNode source : List.of(config, config.path("text_config"))) {
      for (String key : KEYS) {
        if (source.path(key).isInt() && source.path(key).intValue() > 0) {
          return new MaxLength(source.path(key).intValue());
        }
      }
    }
    // A tokenizer without a limit says 10^30.
    JsonNode limit = read(folder.resolve("tokenizer_config.json")).path("model_max_length");
    return new MaxLength(limit.isInt() && limit.intValue() > 0 ? limit.intValue() : DEFAULT);
  }

  /** Returns the bound that an evaluation takes if none is asked for. */
  public int used() {
    return tokens < LEAST ? OF_SMALL : tokens;
  }

  /** Returns what to say where the bound is not the model's own. */
  public String note() {
    return "model was made for "
        + tokens
        + " tokens, too few for any benchmark; sequences are computed whole up to "
        + OF_SMALL
        + ", and --max-length "
        + tokens
        + " cuts them as the harness would";
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
