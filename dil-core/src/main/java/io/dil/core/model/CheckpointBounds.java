package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.TensorEntry;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the sizes that a configuration claims against the checkpoint that it describes, before
 * anything of such a size is made: a configuration from the internet may claim 2³¹ layers.
 */
final class CheckpointBounds {
  private static final Pattern LAYER = Pattern.compile("(?:^|.*\\.)layers\\.(\\d{1,9})\\..*");

  /** Every one of these is a dimension of a weight, or a factor of one. */
  private static final List<String> SIZES =
      List.of(
          "hidden_size",
          "intermediate_size",
          "vocab_size",
          "head_dim",
          "num_attention_heads",
          "num_key_value_heads");

  private CheckpointBounds() {}

  /**
   * Checks a configuration.
   *
   * @throws InputException that names the key
   */
  static void check(ModelFolder folder, ModelConfig config) {
    if (folder.tensors().isEmpty()) {
      return;
    }
    long layers = 0;
    long largest = 0;
    for (TensorEntry entry : folder.tensors().values()) {
      Matcher layer = LAYER.matcher(entry.name());
      if (layer.matches()) {
        layers = Math.max(layers, Long.parseLong(layer.group(1)) + 1);
      }
      for (long dimension : entry.shape()) {
        largest = Math.max(largest, dimension);
      }
    }
    atMost(config, "num_hidden_layers", layers, "layers of the checkpoint");
    for (String key : SIZES) {
      atMost(config, key, largest, "rows or columns of the checkpoint's largest tensor");
    }
  }

  private static void atMost(ModelConfig config, String key, long most, String what) {
    JsonNode value = config.json().path(key);
    if (value.isIntegralNumber() && (!value.canConvertToLong() || value.asLong() > most)) {
      throw new InputException(
          config.where()
              + ": '"
              + key
              + "' must be at most the "
              + most
              + " "
              + what
              + ", got "
              + value);
    }
  }
}
