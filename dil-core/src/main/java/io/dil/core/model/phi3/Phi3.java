package io.dil.core.model.phi3;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.model.Activation;
import io.dil.core.model.AttentionShape;
import io.dil.core.model.LayerAttention;
import io.dil.core.model.LlamaLayout;
import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Rotary;
import io.dil.core.model.RotarySpec;
import io.dil.core.model.SlidingWindow;
import io.dil.core.model.WeightShapes;
import io.dil.core.torch.TorchProgram;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Phi-3 and 4 ({@code model_type: phi3}): Llama with fused projections, rotary positions on part of
 * a head in some, LongRoPE in the long ones, a window in some.
 *
 * <p>Source: Abdin et al. 2024, and transformers' {@code Phi3Config} with its defaults.
 */
public final class Phi3 implements ModelFamily {
  private static final Set<String> ROPES =
      new TreeSet<>(Set.of("default", "longrope", "su", "yarn"));

  private static final LlamaLayout.Defaults DEFAULTS =
      new LlamaLayout.Defaults("phi3", 4096, 1e-5, false);

  @Override
  public String modelType() {
    return DEFAULTS.modelType();
  }

  @Override
  public String rewardClass() {
    return "Phi3ForSequenceClassification";
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    AttentionShape shape = AttentionShape.read(config);
    long inner = config.size("intermediate_size");
    WeightShapes weights =
        new WeightShapes()
            .norm("input_layernorm", shape.hidden())
            .linear(
                "self_attn.qkv_proj",
                shape.queryWidth() + 2 * shape.keyWidth(),
                shape.hidden(),
                false)
            .linear("self_attn.o_proj", shape.hidden(), shape.queryWidth(), false)
            .norm("post_attention_layernorm", shape.hidden())
            .linear("mlp.gate_up_proj", 2 * inner, shape.hidden(), false)
            .linear("mlp.down_proj", shape.hidden(), inner, false);
    return LlamaLayout.spec(
        config,
        DEFAULTS,
        TorchProgram.resource(Phi3.class, "phi3.py"),
        Map.of(
            "activation", Activation.read(config, "hidden_act", "silu"),
            "heads_q", (long) shape.heads(),
            "heads_kv", (long) shape.kvHeads()),
        shape,
        LayerAttention.alike(
            config.size("num_hidden_layers"),
            SlidingWindow.size(config, LayerAttention.EVERYTHING),
            rotary(config, shape.headDim())),
        weights.all());
  }

  private static RotarySpec rotary(ModelConfig config, int headDim) {
    ModelConfig parameters = Rotary.parameters(config);
    String key = parameters.json().hasNonNull("rope_type") ? "rope_type" : "type";
    if (!parameters.choice(key, "default", ROPES).equals("default")) {
      config.size("original_max_position_embeddings");
      // transformers reads the names of the first long models as LongRoPE.
      ObjectNode named = parameters.json().deepCopy();
      parameters = new ModelConfig(parameters.where(), named.put("rope_type", "longrope"));
    }
    return Rotary.of(
        config,
        parameters,
        headDim,
        config.number("rope_theta", Rotary.DEFAULT_THETA),
        config.number("partial_rotary_factor", 1));
  }
}
