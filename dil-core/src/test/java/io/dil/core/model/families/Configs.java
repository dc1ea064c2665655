package io.dil.core.model.families;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.checkpoint.ModelFolder;
import java.nio.file.Path;
import java.util.Map;

/** Small configurations, as a test changes them. */
final class Configs {
  private Configs() {}

  /** Returns a configuration that says no more than a family needs. */
  static ObjectNode small(String family) {
    return new ObjectMapper()
        .createObjectNode()
        .put("model_type", family)
        .put("vocab_size", 64)
        .put("hidden_size", 16)
        .put("intermediate_size", 24)
        .put("num_hidden_layers", 2)
        // A quarter of a head, GPT-NeoX's default, must be an even number of dimensions.
        .put("num_attention_heads", family.equals("gpt_neox") ? 2 : 4)
        .put("max_position_embeddings", 32);
  }

  /** Returns a folder without weights, whose configuration can be read. */
  static ModelFolder folder(ObjectNode config) {
    return new ModelFolder(Path.of("model"), config, Map.of(), Map.of());
  }
}
