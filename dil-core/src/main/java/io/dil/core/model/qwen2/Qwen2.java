package io.dil.core.model.qwen2;

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
 * Qwen2 and 2.5 ({@code model_type: qwen2}): Llama with biases of queries, keys and values; the
 * layers from {@code max_window_layers} on may slide.
 *
 * <p>Source: Yang et al. 2024, and transformers' {@code Qwen2Config} with its defaults.
 */
public final class Qwen2 implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("qwen2", 32_768, 1e-6, false);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  @Override
  public String rewardClass() {
    return "Qwen2ForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config);
    WeightShapes weights =
        new WeightShapes()
            .norm("input_layernorm", shape.hidden())
            .attention(shape, true, false)
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
