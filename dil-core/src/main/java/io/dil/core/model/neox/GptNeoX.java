package io.dil.core.model.neox;

import io.dil.core.InputException;
import io.dil.core.model.Activation;
import io.dil.core.model.LayerAttention;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.WeightShapes;
import io.dil.core.torch.TorchProgram;
import java.util.Map;

/**
 * GPT-NeoX and Pythia ({@code model_type: gpt_neox}): layer norms, a plain network, rotary
 * positions on the first {@code rotary_pct} of a head, and attention and network side by side
 * ({@code use_parallel_residual}) or one behind the other.
 *
 * <p>Source: Black et al. 2022, Biderman et al. 2023, and transformers' {@code GPTNeoXConfig} with
 * its defaults.
 */
public final class GptNeoX implements ModelFamily {
  @Override
  public String modelType() {
    return "gpt_neox";
  }

  @Override
  public String rewardClass() {
    return "GPTNeoXForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    if (hidden % heads != 0) {
      throw new InputException(
          config.where()
              + ": 'hidden_size' must be a multiple of 'num_attention_heads', got "
              + hidden
              + " and "
              + heads);
    }
    int headDim = hidden / heads;
    int inner = config.size("intermediate_size");
    boolean bias = config.flag("attention_bias", true);
    WeightShapes weights =
        new WeightShapes()
            .layerNorm("input_layernorm", hidden)
            .linear("attention.query_key_value", 3L * hidden, hidden, bias)
            .linear("attention.dense", hidden, hidden, bias)
            .layerNorm("post_attention_layernorm", hidden)
            .linear("mlp.dense_h_to_4h", inner, hidden, true)
            .linear("mlp.dense_4h_to_h", hidden, inner, true);
    return new ModelSpec(
        modelType(),
        TorchProgram.resource(GptNeoX.class, "neox.py"),
        Map.of(
            "head_dim", (long) headDim,
            "attention_scale", 1 / Math.sqrt(headDim),
            "norm_eps", config.number("layer_norm_eps", 1e-5, 0, 1),
            "parallel_residual", config.flag("use_parallel_residual", true),
            "activation", Activation.read(config, "hidden_act", "gelu")),
        config.size("vocab_size"),
        hidden,
        heads,
        headDim,
        config.size("max_position_embeddings", 2048),
        LayerAttention.alike(
            config.size("num_hidden_layers"),
            LayerAttention.EVERYTHING,
            Rotary.partial(
                config,
                headDim,
                config.number("rotary_emb_base", Rotary.DEFAULT_THETA),
                config.number("rotary_pct", 0.25))),
        "gpt_neox.embed_in.weight",
        "embed_out.weight",
        config.flag("tie_word_embeddings", false),
        "gpt_neox.layers.%d.",
        weights.all(),
        "gpt_neox.",
        new WeightShapes().layerNorm("final_layer_norm", hidden).all(),
        null);
  }
}
