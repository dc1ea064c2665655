package io.dil.train.objective;

/**
 * What counts more in losses of pairs, beside the loss itself.
 *
 * @param tail α of LD-DPO (Liu et al. 2024, arXiv 2409.06411, eq. 8): what the log-probability of a
 *     token counts that stands after as many as the shorter response has; 1 where all count alike
 * @param ofPolicy whether a pair's loss counts by how likely the policy is to write both responses,
 *     as in WPO (Zhou et al. 2024, arXiv 2406.11827, eq. 2)
 */
public record PairWeights(double tail, boolean ofPolicy) {
  /** All tokens and pairs count alike. */
  public static final PairWeights ALIKE = new PairWeights(1, false);

  /** Checks the range. */
  public PairWeights {
    if (!(tail >= 0 && tail <= 1)) {
      throw new IllegalArgumentException("tail weight must be in [0, 1], got " + tail);
    }
  }
}
