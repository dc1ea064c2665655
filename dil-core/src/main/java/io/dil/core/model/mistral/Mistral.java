package io.dil.core.model.mistral;

import io.dil.core.model.Activation;
import io.dil.core.model.AttentionShape;
import io.dil.core.model.LayerAttention;
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
 * Mistral ({@code model_type: mistral}): Llama whose queries see a window of {@code sliding_window}
 * positions.
 *
 * <p>Source: Jiang et al. 2023, and transformers' {@code MistralConfig} with its defaults.
 */
public final class Mistral implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("mistral", 131_072, 1e-6, false);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  @Override
  public String rewardClass() {
    return "MistralForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    config.refuse("layer_types", "every layer of a mistral slides alike; remove the key");
    AttentionShape shape = AttentionShape.read(config);
    WeightShapes weights =
        new WeightShapes()
            .norm("input_layernorm", shape.hidden())
            .attention(shape, false, false)
            .norm("post_attention_layernorm", shape.hidden())
            .gatedMlp(shape.hidden(), config.size("intermediate_size"), false);
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        Llama.program(),
        Map.of("activation", Activation.read(config, "hidden_act", "silu")),
        shape,
        LayerAttention.alike(
            config.size("num_hidden_layers"),
            SlidingWindow.size(config, 4096),
            Rotary.read(config, shape.headDim())),
        weights.all());
  }
}
