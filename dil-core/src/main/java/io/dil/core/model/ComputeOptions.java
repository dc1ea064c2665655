package io.dil.core.model;

import org.jspecify.annotations.Nullable;

/**
 * How a pass over a batch is computed. No option but {@code dropout} changes a result beyond
 * rounding.
 *
 * @param sharing whether a prompt is computed once for all of its responses
 * @param recompute whether a layer's activations are computed again in the backward pass
 * @param headBytes a bound on one chunk of fp32 logits; a chunk has at least one row
 * @param dropout which inputs of an adapter are dropped, where it is trained with dropout; null for
 *     none, as in all that is not a step of training
 */
public record ComputeOptions(
    PromptSharing sharing, Recompute recompute, long headBytes, @Nullable Dropout dropout) {
  /**
   * Prompts shared where it pays, activations kept where they fit, no dropout, and chunks of 32
   * MiB, small enough to stay near the cache.
   */
  public static final ComputeOptions DEFAULT =
      new ComputeOptions(PromptSharing.AUTO, Recompute.AUTO, 32L << 20, null);

  /** Checks the bound. */
  public ComputeOptions {
    if (headBytes <= 0) {
      throw new IllegalArgumentException("headBytes must be positive, got " + headBytes);
    }
  }

  /** Returns these options with prompts shared or not. */
  public ComputeOptions withSharing(PromptSharing share) {
    return new ComputeOptions(share, recompute, headBytes, dropout);
  }

  /** Returns these options with another choice of what is kept. */
  public ComputeOptions withRecompute(Recompute again) {
    return new ComputeOptions(sharing, again, headBytes, dropout);
  }

  /** Returns these options with another bound on the head's chunks. */
  public ComputeOptions withHeadBytes(long bytes) {
    return new ComputeOptions(sharing, recompute, bytes, dropout);
  }

  /** Returns these options for a pass that drops inputs. */
  public ComputeOptions withDropout(Dropout drops) {
    return new ComputeOptions(sharing, recompute, headBytes, drops);
  }

  /** Returns the rows of one chunk for a vocabulary. */
  public long headRows(int vocabSize) {
    return Math.max(1, headBytes / (4L * vocabSize));
  }
}
