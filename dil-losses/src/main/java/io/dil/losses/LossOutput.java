package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * What a {@link PairwiseLoss} says about a batch of pairs.
 *
 * <p>The rewards are <em>implicit</em> rewards as the loss's own paper defines them, usually β
 * times the log-ratio of policy and reference (β times the log-probability where there is no
 * reference). They are for logging: they carry no gradient, and they are never density ratios.
 *
 * @param perExample the loss of every pair, shape (B); the trainer takes the mean
 * @param chosenRewards implicit rewards of the preferred responses, shape (B), detached
 * @param rejectedRewards implicit rewards of the dispreferred responses, shape (B), detached
 */
public record LossOutput(NDArray perExample, NDArray chosenRewards, NDArray rejectedRewards) {

  /**
   * Returns this output after looking at every loss on the host (on a GPU, a synchronisation).
   *
   * @throws ArithmeticException if a loss is infinite or not a number; the message names its row
   */
  public LossOutput requireFinite() {
    LossMath.requireFinite(perExample, chosenRewards, rejectedRewards);
    return this;
  }
}
