package io.dil.core.model.gemma2;

import io.dil.core.model.Activation;
import io.dil.core.model.AttentionShape;
import io.dil.core.model.LlamaLayout;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.SlidingWindow;
import io.dil.core.model.WeightShapes;
import io.dil.core.torch.TorchProgram;
import java.util.HashMap;
import java.util.Map;

/**
 * Gemma 2 ({@code model_type: gemma2}): norms before and behind attention and network, every other
 * layer slides, attention scores and logits are capped.
 *
 * <p>Source: Gemma Team 2024, and transformers' {@code Gemma2Config} with its defaults.
 */
public final class Gemma2 implements ModelFamily {
  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("gemma2", 8192, 1e-6, true);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  /** Returns the methods of a layer, which Gemma 3 runs too. */
  public static String program() {
    return TorchProgram.resource(Gemma2.class, "gemma2.py");
  }

  @Override
  public String rewardClass() {
    return "Gemma2ForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config, 256);
    Map<String, Object> constants = constants(config, shape);
    constants.put("attention_cap", cap(config, "attn_logit_softcapping", 50));
    constants.put("logit_cap", cap(config, "final_logit_softcapping", 30));
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        program(),
        constants,
        shape,
        SlidingWindow.attention(
            config,
            SlidingWindow.layers(config, config.size("num_hidden_layers"), i -> i % 2 == 0),
            SlidingWindow.size(config, 4096),
            Rotary.read(config, shape.headDim())),
        weights(config, shape).all());
  }

  // Null switches a cap off; an absent key means the default.
  private static double cap(ModelConfig config, String key, double absent) {
    return config.json().has(key) ? config.number(key, 0, 0, ModelConfig.LARGEST) : absent;
  }

  /** Returns the constants that Gemma 2 and 3 share. */
  public static Map<String, Object> constants(ModelConfig config, AttentionShape shape) {
    config.refuse("use_bidirectional_attention", "a causal model is needed; set it to false");
    Map<String, Object> constants = new HashMap<>();
    constants.put("activation", Activation.read(config, "hidden_activation", "gelu_pytorch_tanh"));
    constants.put("norm_offset", 1.0);
    constants.put("embed_scale", Math.sqrt(shape.hidden()));
    constants.put(
        "attention_scale",
        1 / Math.sqrt(config.number("query_pre_attn_scalar", 256, 1e-6, ModelConfig.LARGEST)));
    return constants;
  }

  /** Returns the weights of a layer that Gemma 2 and 3 share. */
  public static WeightShapes weights(ModelConfig config, AttentionShape shape) {
    boolean bias = config.flag("attention_bias", false);
    return new WeightShapes()
        .norm("input_layernorm", shape.hidden())
        .attention(shape, bias, bias)
        .norm("post_attention_layernorm", shape.hidden())
        .norm("pre_feedforward_layernorm", shape.hidden())
        .gatedMlp(shape.hidden(), config.size("intermediate_size"), false)
        .norm("post_feedforward_layernorm", shape.hidden());
  }
}
