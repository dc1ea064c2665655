package io.dil.core.model.llama;

import io.dil.core.InputException;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.torch.TorchProgram;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Llama ({@code model_type: llama}): RMSNorm, rotary embeddings, grouped-query attention, SwiGLU.
 *
 * <p>Source: Touvron et al. 2023, and the configuration keys of transformers' {@code LlamaConfig}
 * with their defaults.
 */
public final class Llama implements ModelFamily {
  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    config.choice("hidden_act", "silu", Set.of("silu", "swish"));
    long hidden = config.size("hidden_size");
    long inner = config.size("intermediate_size");
    int heads = config.size("num_attention_heads");
    int kvHeads = config.size("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      throw new InputException(
          config.where()
              + ": 'num_attention_heads' must be a multiple of 'num_key_value_heads', got "
              + heads
              + " and "
              + kvHeads);
    }
    int headDim = config.size("head_dim", (int) (hidden / heads));
    boolean attentionBias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);

    Map<String, List<Long>> layer = new LinkedHashMap<>();
    layer.put("input_layernorm.weight", List.of(hidden));
    linear(layer, "self_attn.q_proj", (long) heads * headDim, hidden, attentionBias);
    linear(layer, "self_attn.k_proj", (long) kvHeads * headDim, hidden, attentionBias);
    linear(layer, "self_attn.v_proj", (long) kvHeads * headDim, hidden, attentionBias);
    linear(layer, "self_attn.o_proj", hidden, (long) heads * headDim, attentionBias);
    layer.put("post_attention_layernorm.weight", List.of(hidden));
    linear(layer, "mlp.gate_proj", inner, hidden, mlpBias);
    linear(layer, "mlp.up_proj", inner, hidden, mlpBias);
    linear(layer, "mlp.down_proj", hidden, inner, mlpBias);

    return new ModelSpec(
        modelType(),
        TorchProgram.resource(Llama.class, "llama.py"),
        Map.of(
            "head_dim",
            (long) headDim,
            "norm_eps",
            config.number("rms_norm_eps", 1e-6),
            "attention_scale",
            1 / Math.sqrt(headDim)),
        config.size("vocab_size"),
        (int) hidden,
        config.size("num_hidden_layers"),
        kvHeads,
        headDim,
        config.size("max_position_embeddings", 2048),
        Rotary.read(config, headDim),
        "model.embed_tokens.weight",
        "lm_head.weight",
        config.flag("tie_word_embeddings", false),
        "model.layers.%d.",
        layer,
        "model.",
        Map.of("norm.weight", List.of(hidden)));
  }

  private static void linear(
      Map<String, List<Long>> weights, String name, long out, long in, boolean bias) {
    weights.put(name + ".weight", List.of(out, in));
    if (bias) {
      weights.put(name + ".bias", List.of(out));
    }
  }
}
