package io.dil.core.model;

import ai.djl.Device;
import org.jspecify.annotations.Nullable;

/**
 * How a pass over a batch is computed. No option but {@code dropout} changes a result beyond
 * rounding.
 *
 * @param sharing whether a prompt is computed once for all of its responses
 * @param recompute whether a layer's activations are computed again in the backward pass
 * @param headBytes a bound on one tile of fp32 logits, which has at least one row of 64 columns;
 *     the head's memory whatever the tokens and the vocabulary
 * @param attention how runs of attention are computed
 * @param dropout which inputs of an adapter are dropped, where it is trained with dropout; null for
 *     none, as in all that is not a step of training
 * @param statistics whether {@link Pass#statistics} are there, which costs the head's product again
 */
public record ComputeOptions(
    PromptSharing sharing,
    Recompute recompute,
    long headBytes,
    AttentionRuns attention,
    @Nullable Dropout dropout,
    boolean statistics) {
  /**
   * Prompts shared where it pays, activations kept where they fit, no dropout, and tiles of 8 MiB:
   * products are as fast as they get, and what is done to a tile in place finds it in the cache.
   */
  public static final ComputeOptions DEFAULT =
      new ComputeOptions(
          PromptSharing.AUTO, Recompute.AUTO, 8L << 20, AttentionRuns.AUTO, null, false);

  /** The tiles of a GPU, which wants more work in one launch than a processor's cache holds. */
  public static final long HEAD_BYTES_OF_GPU = 256L << 20;

  /** Checks the bound. */
  public ComputeOptions {
    if (headBytes <= 0) {
      throw new IllegalArgumentException("headBytes must be positive, got " + headBytes);
    }
  }

  /** Returns the defaults for a device. */
  public static ComputeOptions on(Device device) {
    return device.isGpu() ? DEFAULT.withHeadBytes(HEAD_BYTES_OF_GPU) : DEFAULT;
  }

  /** Returns these options with prompts shared or not. */
  public ComputeOptions withSharing(PromptSharing share) {
    return new ComputeOptions(share, recompute, headBytes, attention, dropout, statistics);
  }

  /** Returns these options with another choice of what is kept. */
  public ComputeOptions withRecompute(Recompute again) {
    return new ComputeOptions(sharing, again, headBytes, attention, dropout, statistics);
  }

  /** Returns these options with another bound on the head's tiles. */
  public ComputeOptions withHeadBytes(long bytes) {
    return new ComputeOptions(sharing, recompute, bytes, attention, dropout, statistics);
  }

  /** Returns these options with another way to compute attention. */
  public ComputeOptions withAttention(AttentionRuns runs) {
    return new ComputeOptions(sharing, recompute, headBytes, runs, dropout, statistics);
  }

  /** Returns these options for a pass that drops inputs. */
  public ComputeOptions withDropout(Dropout drops) {
    return new ComputeOptions(sharing, recompute, headBytes, attention, drops, statistics);
  }

  /** Returns these options with statistics of tokens or without. */
  public ComputeOptions withStatistics(boolean asked) {
    return new ComputeOptions(sharing, recompute, headBytes, attention, dropout, asked);
  }

  /** Returns the rows of as many logits, where those of a row are there at once. */
  public long headRows(int vocabSize) {
    return Math.max(1, headBytes / (4L * vocabSize));
  }
}
