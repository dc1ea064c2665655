package io.dil.core.model;

import java.util.List;
import java.util.Map;

/**
 * What a training pass needs beside weights and optimiser, in bytes, by counting what the programs
 * (layers.py) keep for the backward pass and what is there at its fullest moment.
 *
 * @param recompute whether layers run again when they go back
 * @param checkpoints the inputs of all layers
 * @param layers what the layers keep: all of them, or with recomputation the one that goes back
 * @param workspace what comes and goes while a layer goes back, the gradients of its weights
 *     included
 * @param head hidden states of scored tokens, tiles of logits, and their gradients; of a reward
 *     model, which has no logits, the states of pooled tokens
 * @param table where ranks share: the whole gradient of an embedding before it is summed
 */
public record PassMemory(
    boolean recompute, long checkpoints, long layers, long workspace, long head, long table) {
  /** fp32, in which norms reduce and tables' gradients are summed. */
  private static final int FP32 = 4;

  /**
   * Counts a pass.
   *
   * @param tokens N, the tokens of the pass
   * @param scored M, how many of them predict a scored token, or are pooled by a reward model
   * @param trained whether all weights are trained; else an adapter is
   * @param shared whether gradients are summed over ranks
   */
  public static PassMemory of(
      ModelSpec spec,
      Precision precision,
      ComputeOptions options,
      boolean recompute,
      long tokens,
      long scored,
      boolean trained,
      boolean shared) {
    long b = precision.storage().bytes();
    long h = spec.hiddenSize();
    long entries = spec.weightsOfTable();
    Sizes sizes = Sizes.of(spec);
    long kept = tokens * perToken(spec, sizes, precision, trained);
    long all = recompute ? kept : kept * spec.layers();
    long gradients = trained ? b * spec.weightsPerLayer() : 0;
    // The gradients of the network's inner arrays, and what an allocator cannot use of the gaps
    // between them: measured, not counted. An adapter's product stands beside its linear's.
    long workspace = tokens * b * ((trained ? 4 : 5) * sizes.inner() + 4 * h) + gradients;
    long table = shared && trained ? FP32 * entries : 0;
    return new PassMemory(
        recompute,
        tokens * b * h * (spec.layers() + 1L),
        all,
        workspace,
        scored * h * (3 * b + 2 * FP32) + tile(spec, precision, options, trained),
        table + (shared && trained && precision == Precision.BFLOAT16 ? b * entries : 0));
  }

  /** Returns the bytes at the fullest moment. */
  public long peak() {
    // The head goes back first: where layers run again, none of them is there yet.
    return checkpoints
        + (recompute
            ? Math.max(layers + workspace, head + table)
            : layers + Math.max(workspace, head + table));
  }

  /** Returns the bytes of one token that a layer keeps for its backward pass. */
  private static long perToken(ModelSpec spec, Sizes sizes, Precision precision, boolean trained) {
    long b = precision.storage().bytes();
    long h = spec.hiddenSize();
    long normed = 0;
    for (Map.Entry<String, List<Long>> weight : spec.layerWeights().entrySet()) {
      if (weight.getKey().endsWith("norm.weight") && weight.getValue().size() == 1) {
        normed += weight.getValue().get(0) == h ? h : sizes.queries() / 2 + sizes.keys() / 2;
      }
    }
    boolean layerNorm =
        spec.layerWeights().keySet().stream().anyMatch(n -> n.endsWith("norm.bias"));
    boolean offset = spec.constants().containsKey("norm_offset");
    // A layer norm keeps its output; a root mean square its input in fp32, the output, and where
    // its own weight is trained the input scaled.
    long scaled = !trained ? 0 : offset ? FP32 : b;
    long norms = layerNorm ? b * normed : normed * (FP32 + scaled + b);
    // Rotated queries and keys, values, and what comes out; a fused projection is kept whole.
    long attention =
        b * (2 * sizes.queries() + 2 * sizes.keys() + (sizes.fused() ? 2 * sizes.queries() : 0));
    return norms + b * h + attention + b * sizes.inner() * (sizes.gated() ? 4 : 2);
  }

  private static long tile(
      ModelSpec spec, Precision precision, ComputeOptions options, boolean trained) {
    if (spec.isReward()) {
      return 0;
    }
    long b = precision.storage().bytes();
    long fit = Math.max(1, options.headBytes() / (FP32 * Math.min(spec.vocabSize(), 2048L)));
    long rows = Math.min(1024, fit);
    long columns = Math.min(spec.vocabSize(), options.headBytes() / (FP32 * rows));
    long tile = FP32 * rows * columns;
    // In 16 bits the product comes out of its own array and goes back through another.
    long casts = precision == Precision.BFLOAT16 ? 2 * b * rows * columns : 0;
    return tile + casts + (trained ? b * columns * spec.hiddenSize() : 0);
  }

  /**
   * Widths of a layer.
   *
   * @param queries of all query heads together
   * @param keys of all key heads together
   * @param inner of the feed-forward network
   * @param gated whether that has a gate
   * @param fused whether one projection gives queries, keys and values
   */
  private record Sizes(long queries, long keys, long inner, boolean gated, boolean fused) {
    static Sizes of(ModelSpec spec) {
      long h = spec.hiddenSize();
      long keys = (long) spec.kvHeads() * spec.headDim();
      long queries = keys;
      long inner = h;
      long outer = 0;
      boolean fused = false;
      for (Map.Entry<String, List<Long>> linear : spec.linears().entrySet()) {
        long out = linear.getValue().get(0);
        long in = linear.getValue().get(1);
        String name = linear.getKey();
        if (name.startsWith("self_attn") || name.startsWith("attention")) {
          queries =
              out == h && !name.endsWith("k_proj") && !name.endsWith("v_proj")
                  ? Math.max(queries, in)
                  : queries;
          fused |= out > in && name.contains("q") && !name.endsWith("q_proj");
        } else {
          inner = out == h ? in : inner;
          outer += in == h ? out : 0;
        }
      }
      return new Sizes(queries, keys, inner, outer >= 2 * inner, fused);
    }
  }
}
