package io.dil.core.model.gemma3;

import io.dil.core.model.AttentionShape;
import io.dil.core.model.LayerAttention;
import io.dil.core.model.LlamaLayout;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.RotarySpec;
import io.dil.core.model.SlidingWindow;
import io.dil.core.model.gemma2.Gemma2;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gemma 3's text model ({@code model_type: gemma3_text}): Gemma 2 with norms of queries and keys in
 * place of capped scores, and five layers that slide for each that does not, with a position
 * embedding of their own.
 *
 * <p>Source: Gemma Team 2025, and transformers' {@code Gemma3TextConfig} with its defaults.
 */
public final class Gemma3 implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("gemma3_text", 131_072, 1e-6, true);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  @Override
  public String rewardClass() {
    return "Gemma3TextForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config, 256);
    Map<String, Object> constants = Gemma2.constants(config, shape);
    // transformers passes Gemma 3's attention cap to no kernel; only the logits' has an effect.
    constants.put("logit_cap", config.number("final_logit_softcapping", 0, 0, ModelConfig.LARGEST));
    config.refuse("attn_logit_softcapping", "gemma3 has no capped attention; set it to null");
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        Gemma2.program(),
        constants,
        shape,
        attention(config, shape.headDim()),
        Gemma2.weights(config, shape)
            .norm("self_attn.q_norm", shape.headDim())
            .norm("self_attn.k_norm", shape.headDim())
            .all());
  }

  private static List<LayerAttention> attention(ModelConfig config, int headDim) {
    int pattern = config.size("sliding_window_pattern", 6);
    List<Boolean> sliding =
        SlidingWindow.layers(config, config.size("num_hidden_layers"), i -> (i + 1) % pattern != 0);
    RotarySpec global =
        Rotary.ofLayerType(
            config, "full_attention", headDim, config.number("rope_theta", 1_000_000));
    RotarySpec local =
        Rotary.ofLayerType(
            config, "sliding_attention", headDim, config.number("rope_local_base_freq", 10_000));
    List<LayerAttention> layers = new ArrayList<>();
    for (LayerAttention layer :
        SlidingWindow.attention(config, sliding, SlidingWindow.size(config, 4096), global)) {
      boolean slides = sliding.get(layers.size());
      layers.add(slides ? new LayerAttention(layer.window(), local) : layer);
    }
    return layers;
  }
}
