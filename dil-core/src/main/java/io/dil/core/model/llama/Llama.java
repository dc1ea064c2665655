package io.dil.core.model.llama;

import io.dil.core.model.Activation;
import io.dil.core.model.AttentionShape;
import io.dil.core.model.LayerAttention;
import io.dil.core.model.LlamaLayout;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.WeightShapes;
import io.dil.core.torch.TorchProgram;
import java.util.Map;

/**
 * Llama ({@code model_type: llama}): RMSNorm, rotary embeddings, grouped-query attention, SwiGLU.
 *
 * <p>Source: Touvron et al. 2023, and the configuration keys of transformers' {@code LlamaConfig}
 * with their defaults.
 */
public final class Llama implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("llama", 2048, 1e-6, false);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  /** Returns the methods of a layer, which Mistral, Qwen2 and Qwen3 run too. */
  public static String program() {
    return TorchProgram.resource(Llama.class, "llama.py");
  }

  @Override
  public String rewardClass() {
    return "LlamaForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config);
    boolean attentionBias = config.flag("attention_bias", false);
    WeightShapes weights =
        new WeightShapes()
            .norm("input_layernorm", shape.hidden())
            .attention(shape, attentionBias, attentionBias)
            .norm("post_attention_layernorm", shape.hidden())
            .gatedMlp(
                shape.hidden(), config.size("intermediate_size"), config.flag("mlp_bias", false));
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        program(),
        Map.of("activation", Activation.read(config, "hidden_act", "silu")),
        shape,
        LayerAttention.alike(
            config.size("num_hidden_layers"),
            LayerAttention.EVERYTHING,
            Rotary.read(config, shape.headDim())),
        weights.all());
  }
}
