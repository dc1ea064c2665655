package io.dil.core.model;

import io.dil.core.InputException;

/**
 * Sizes of a layer's attention.
 *
 * @param hidden width of the residual stream
 * @param heads heads of queries
 * @param kvHeads heads of keys and values, each of which serves {@code heads / kvHeads} of queries
 * @param headDim width of one head
 */
public record AttentionShape(int hidden, int heads, int kvHeads, int headDim) {
  /** Checks that every head of queries has one of keys. */
  public AttentionShape {
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of kvHeads, got " + heads + " and " + kvHeads);
    }
  }

  /** Returns the shape where {@code head_dim}, if absent, is {@code hidden_size} by heads. */
  public static AttentionShape read(ModelConfig config) {
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    if (!config.json().hasNonNull("head_dim") && hidden % heads != 0) {
      throw new InputException(
          config.where()
              + ": 'hidden_size' must be a multiple of 'num_attention_heads' where 'head_dim' is"
              + " not set, got "
              + hidden
              + " and "
              + heads);
    }
    return read(config, hidden / heads);
  }

  /** Returns the shape where {@code head_dim}, if absent, is {@code headDim}. */
  public static AttentionShape read(ModelConfig config, int headDim) {
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
    return new AttentionShape(
        config.size("hidden_size"), heads, kvHeads, config.size("head_dim", headDim));
  }

  /** Returns the width of all queries together. */
  public long queryWidth() {
    return (long) heads * headDim;
  }

  /** Returns the width of all keys, or all values, together. */
  public long keyWidth() {
    return (long) kvHeads * headDim;
  }
}
