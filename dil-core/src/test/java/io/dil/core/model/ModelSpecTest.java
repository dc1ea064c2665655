package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.model.llama.Llama;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Weights are counted as the models' cards count them. */
class ModelSpecTest {
  private static ModelSpec llama(Map<String, Object> config) {
    return new Llama().read(new ModelConfig("test", new ObjectMapper().valueToTree(config)));
  }

  @Test
  void countsTheWeightsOfLlama3() {
    Map<String, Object> config = new HashMap<>();
    config.put("vocab_size", 128256);
    config.put("hidden_size", 4096);
    config.put("intermediate_size", 14336);
    config.put("num_hidden_layers", 32);
    config.put("num_attention_heads", 32);
    config.put("num_key_value_heads", 8);
    ModelSpec spec = llama(config);
    assertEquals(8_030_261_248L, spec.weightsInAll());
    assertEquals(128_256L * 4096, spec.weightsOfTable());
    assertEquals(
        spec.weightsInAll(), 32 * spec.weightsPerLayer() + 2 * spec.weightsOfTable() + 4096);
    config.put("tie_word_embeddings", true);
    assertEquals(8_030_261_248L - 128_256L * 4096, llama(config).weightsInAll());
  }
}
