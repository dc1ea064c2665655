package io.dil.losses;

import java.util.OptionalDouble;

/**
 * A pure function from sequence log-probabilities to one number per example.
 *
 * <p>It comes in three shapes, by what an example is: a pair ({@link PairwiseLoss}), a response
 * with a good/bad label ({@link PointwiseLoss}), a response to imitate ({@link DemonstrationLoss}).
 * A trainer asks a loss what it needs and never looks at its name.
 */
public sealed interface PreferenceLoss permits PairwiseLoss, PointwiseLoss, DemonstrationLoss {

  /** Returns how the log-probabilities of a response's tokens become one number. */
  Reduction reduction();

  /** Returns whether the value depends on token counts; if not, any counts will do. */
  default boolean needsTokens() {
    return reduction() == Reduction.MEAN;
  }

  /** Returns whether the value depends on the reference model. */
  boolean needsReference();

  /** Returns whether the inputs are a reward model's rewards, in place of log-probabilities. */
  default boolean takesRewards() {
    return false;
  }

  /**
   * Returns whether the loss of one example depends on the other examples of its batch. If it does,
   * a batch may not be cut into micro-batches before the loss is taken.
   */
  default boolean coupled() {
    return false;
  }

  /**
   * Returns the loss of every example when policy and reference agree, if that is a constant.
   *
   * <p>A trainer that starts from its reference can check itself against it before the first step.
   */
  default OptionalDouble valueAtReference() {
    return OptionalDouble.empty();
  }
}
