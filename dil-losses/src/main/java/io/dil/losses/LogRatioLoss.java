package io.dil.losses;

import ai.djl.ndarray.NDArray;

/** A pairwise loss that is a function of the two reduced log-ratios alone. */
interface LogRatioLoss extends PairwiseLoss {

  /**
   * Returns the loss of every pair.
   *
   * @param chosen r_w, shape (B)
   * @param rejected r_l, shape (B)
   */
  NDArray perExample(NDArray chosen, NDArray rejected);

  /** Returns what a log-ratio is multiplied by to become this loss's implicit reward. */
  double rewardScale();

  @Override
  default boolean needsReference() {
    return true;
  }

  @Override
  default LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs ratios = policy.logRatios(reference, reduction());
    return new LossOutput(
        perExample(ratios.chosen(), ratios.rejected()),
        ratios.chosen().mul(rewardScale()).stopGradient(),
        ratios.rejected().mul(rewardScale()).stopGradient());
  }
}
