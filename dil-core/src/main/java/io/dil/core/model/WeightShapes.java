package io.dil.core.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the names and shapes of a layer's weights, in the order in which they were added. */
public final class WeightShapes {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /** Adds a vector, {@code NAME.weight}: the scale of an RMS norm. */
  public WeightShapes norm(String name, long size) {
    shapes.put(name + ".weight", List.of(size));
    return this;
  }

  /** Adds the scale and shift of a layer norm. */
  public WeightShapes layerNorm(String name, long size) {
    norm(name, size);
    shapes.put(name + ".bias", List.of(size));
    return this;
  }

  /** Adds a linear layer, {@code NAME.weight} (out, in) and perhaps {@code NAME.bias} (out). */
  public WeightShapes linear(String name, long out, long in, boolean bias) {
    shapes.put(name + ".weight", List.of(out, in));
    if (bias) {
      shapes.put(name + ".bias", List.of(out));
    }
    return this;
  }

  /** Adds Llama's four projections. */
  public WeightShapes attention(AttentionShape shape, boolean inBias, boolean outBias) {
    return linear("self_attn.q_proj", shape.queryWidth(), shape.hidden(), inBias)
        .linear("self_attn.k_proj", shape.keyWidth(), shape.hidden(), inBias)
        .linear("self_attn.v_proj", shape.keyWidth(), shape.hidden(), inBias)
        .linear("self_attn.o_proj", shape.hidden(), shape.queryWidth(), outBias);
  }

  /** Adds Llama's gated feed-forward network. */
  public WeightShapes gatedMlp(long hidden, long inner, boolean bias) {
    return linear("mlp.gate_proj", inner, hidden, bias)
        .linear("mlp.up_proj", inner, hidden, bias)
        .linear("mlp.down_proj", hidden, inner, bias);
  }

  /** Returns what was added. */
  public Map<String, List<Long>> all() {
    return Collections.unmodifiableMap(shapes);
  }
}
