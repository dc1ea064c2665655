package io.dil.core.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How checkpoints of Llama and its relatives name their parts. The families differ in what a layer
 * holds and in their defaults, so both are theirs to say.
 */
public final class LlamaLayout {
  private LlamaLayout() {}

  /**
   * Returns the specification of a model whose weights are named as Llama's.
   *
   * @param defaults what the family takes where the configuration is silent
   * @param program the family's TorchScript methods
   * @param constants values of {@code self.NAME} in the program; {@code head_dim} and {@code
   *     norm_eps} are added
   * @param attention the layers
   * @param weights a layer's weights
   */
  public static ModelSpec spec(
      ModelConfig config,
      Defaults defaults,
      String program,
      Map<String, Object> constants,
      AttentionShape shape,
      List<LayerAttention> attention,
      Map<String, List<Long>> weights) {
    Map<String, Object> all = new HashMap<>();
    all.put("head_dim", (long) shape.headDim());
    all.put("attention_scale", 1 / Math.sqrt(shape.headDim()));
    all.put("norm_eps", config.number("rms_norm_eps", defaults.normEps(), 0, 1));
    all.putAll(constants);
    return new ModelSpec(
        defaults.modelType(),
        program,
        all,
        config.size("vocab_size"),
        shape.hidden(),
        shape.kvHeads(),
        shape.headDim(),
        config.size("max_position_embeddings", defaults.maxPositions()),
        attention,
        "model.embed_tokens.weight",
        "lm_head.weight",
        config.flag("tie_word_embeddings", defaults.tied()),
        "model.layers.%d.",
        weights,
        "model.",
        Map.of("norm.weight", List.of((long) shape.hidden())),
        null);
  }

  /**
   * Defaults of a family's configuration class in transformers.
   *
   * @param modelType the {@code model_type}
   * @param maxPositions {@code max_position_embeddings}
   * @param normEps {@code rms_norm_eps}
   * @param tied {@code tie_word_embeddings}
   */
  public record Defaults(String modelType, int maxPositions, double normEps, boolean tied) {}
}
