package io.dil.losses;

import ai.djl.ndarray.NDArray;

/** A pairwise loss that is a function of the policy's two reduced log-probabilities alone. */
interface LogProbLoss extends PairwiseLoss {

  /**
   * Returns the loss of every pair.
   *
   * @param chosen s_w, reduced, shape (B)
   * @param rejected s_l, reduced, shape (B)
   */
  NDArray perExample(NDArray chosen, NDArray rejected);

  /** Returns what a log-probability is multiplied by to become this loss's implicit reward. */
  double rewardScale();

  @Override
  default boolean needsReference() {
    return false;
  }

  @Override
  default LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs reduced = policy.reduced(reduction());
    return new LossOutput(
        perExample(reduced.chosen(), reduced.rejected()),
        reduced.chosen().mul(rewardScale()).stopGradient(),
        reduced.rejected().mul(rewardScale()).stopGradient());
  }
}
