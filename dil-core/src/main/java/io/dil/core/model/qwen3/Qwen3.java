package io.dil.core.model.qwen3;

import io.dil.core.model.Activation;
import io.dil.core.model.AttentionShape;
import io.dil.core.model.LlamaLayout;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.SlidingWindow;
import io.dil.core.model.WeightShapes;
import io.dil.core.model.llama.Llama;
import java.util.Map;

/**
 * Qwen3 ({@code model_type: qwen3}): Llama with an RMS norm of every head of queries and keys.
 *
 * <p>Source: Yang et al. 2025, and transformers' {@code Qwen3Config} with its defaults.
 */
public final class Qwen3 implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("qwen3", 32_768, 1e-6, false);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  @Override
  public String rewardClass() {
    return "Qwen3ForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config, 128);
    boolean bias = config.flag("attention_bias", false);
    WeightShapes weights =
        new WeightShapes()
            .norm("input_layernorm", shape.hidden())
            .attention(shape, bias, bias)
            .norm("self_attn.q_norm", shape.headDim())
            .norm("self_attn.k_norm", shape.headDim())
            .norm("post_attention_layernorm", shape.hidden())
            .gatedMlp(shape.hidden(), config.size("intermediate_size"), false);
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        Llama.program(),
        Map.of("activation", Activation.read(config, "hidden_act", "silu")),
        shape,
        SlidingWindow.ofUpperLayers(config, Rotary.read(config, shape.headDim())),
        weights.all());
  }
}
