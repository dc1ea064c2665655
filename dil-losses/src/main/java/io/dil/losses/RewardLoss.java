package io.dil.losses;

/**
 * A loss of preference pairs that trains a reward model: its inputs are rewards, which a scalar
 * head gives, and no log-probabilities.
 *
 * <p>Where one is taken as any {@link PairwiseLoss}, the numbers in place of log-probabilities are
 * the rewards, and there are no margins.
 */
public interface RewardLoss extends PairwiseLoss {

  /**
   * Returns the loss of every pair.
   *
   * @param rewards with gradient, shape (B)
   * @return losses and the detached rewards, shape (B) each, owned by the manager of the rewards
   */
  LossOutput compute(PairRewards rewards);

  @Override
  default boolean takesRewards() {
    return true;
  }

  /** Returns {@code false}: a reward model is compared with nothing but people's choices. */
  @Override
  default boolean needsReference() {
    return false;
  }

  @Override
  default LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs reduced = policy.reduced(reduction());
    return compute(PairRewards.of(reduced.chosen(), reduced.rejected()));
  }
}
