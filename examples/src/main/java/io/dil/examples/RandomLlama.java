package io.dil.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.llama.Llama;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Llama of one layer and random weights, for measuring its parts without a checkpoint. */
final class RandomLlama {
  private RandomLlama() {}

  /** Returns the specification of one layer of the given sizes. */
  static ModelSpec spec(int vocabulary, int hidden, int intermediate, int heads, int kvHeads) {
    Map<String, Object> config =
        Map.of(
            "vocab_size", vocabulary,
            "hidden_size", hidden,
            "intermediate_size", intermediate,
            "num_hidden_layers", 1,
            "num_attention_heads", heads,
            "num_key_value_heads", kvHeads);
    return new Llama().read(new ModelConfig("benchmark", new ObjectMapper().valueToTree(config)));
  }

  /** Returns random weights of the specification's layer, by their names in its program. */
  static Map<String, NDArray> layer(NDManager manager, ModelSpec spec) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    spec.layerWeights().forEach((name, shape) -> weights.put(name, random(manager, shape)));
    return weights;
  }

  /** Returns numbers with the scale of freshly initialised weights. */
  static NDArray random(NDManager manager, List<Long> shape) {
    return manager.randomNormal(0, 0.02f, new Shape(shape), DataType.FLOAT32);
  }
}
