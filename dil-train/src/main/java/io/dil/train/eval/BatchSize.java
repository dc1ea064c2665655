package io.dil.train.eval;

import io.dil.core.model.CausalLm;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.ModelSpec;

/**
 * How much is computed at once.
 *
 * @param tokens tokens of requests that are scored together
 * @param most sequences that are written together
 * @param cacheTokens tokens that their caches hold together
 */
record BatchSize(long tokens, int most, long cacheTokens) {
  private static final long TOKENS_PER_CORE = 1024;
  private static final long TOKENS_OF_GPU = 32_768;
  private static final int ROWS = 32;
  private static final int ROWS_OF_GPU = 256;
  private static final long CACHE_BYTES = 2L << 30;
  private static final long CACHE_BYTES_OF_GPU = 8L << 30;

  /**
   * Returns what suits a model's device.
   *
   * @param asked tokens that a person asked for, which bound the caches too; 0 for none
   */
  static BatchSize of(CausalLm model, long asked) {
    boolean gpu = model.manager().getDevice().isGpu();
    long tokens =
        gpu ? TOKENS_OF_GPU : TOKENS_PER_CORE * Runtime.getRuntime().availableProcessors();
    long cached = (gpu ? CACHE_BYTES_OF_GPU : CACHE_BYTES) / cacheBytes(model);
    return new BatchSize(
        asked > 0 ? asked : tokens,
        gpu ? ROWS_OF_GPU : ROWS,
        Math.max(1, asked > 0 ? Math.min(16 * asked, cached) : cached));
  }

  /** Returns the bytes that a token takes in the cache. */
  private static long cacheBytes(CausalLm model) {
    if (!(model instanceof DecoderLm decoder)) {
      return 1;
    }
    ModelSpec spec = decoder.spec();
    return 2L
        * spec.layers()
        * spec.kvHeads()
        * spec.headDim()
        * decoder.precision().storage().bytes();
  }

  /** Returns how many sequences of a length are written together. */
  int rows(int length) {
    return (int) Math.max(1, Math.min(most, cacheTokens / Math.max(1, length)));
  }
}
