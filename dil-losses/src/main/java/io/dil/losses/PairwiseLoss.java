package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * A loss of preference pairs.
 *
 * <p>A loss of one's own is a lambda:
 *
 * <pre>{@code
 * PairwiseLoss squared =
 *     PairwiseLoss.of(
 *         Reduction.MEAN,
 *         (policy, reference) -> {
 *           NDArray chosen = policy.chosen().sub(reference.chosen());
 *           NDArray rejected = policy.rejected().sub(reference.rejected());
 *           return chosen.sub(rejected).sub(1).square();
 *         });
 * }</pre>
 */
public non-sealed interface PairwiseLoss extends PreferenceLoss {

  /**
   * Returns the loss of every pair.
   *
   * <p>All results belong to the manager of {@code policy}'s arrays; no argument is changed. A loss
   * with {@link #needsReference()} {@code false} never reads {@code reference}.
   *
   * @param policy summed log-probabilities under the model being trained, shape (B), with gradient
   * @param reference summed log-probabilities under the frozen reference, shape (B); for a loss
   *     that needs none, pass {@code policy} again
   * @return losses and detached implicit rewards, shape (B) each
   * @throws IllegalArgumentException if the two hold different numbers of pairs
   */
  LossOutput compute(PairLogProbs policy, PairLogProbs reference);

  /**
   * Returns the loss of every pair, for a loss that needs no reference.
   *
   * @throws IllegalStateException if this loss needs a reference
   */
  default LossOutput compute(PairLogProbs policy) {
    if (needsReference()) {
      throw new IllegalStateException("this loss needs reference log-probabilities, got none");
    }
    return compute(policy, policy);
  }

  /**
   * Returns a loss written as a function of reduced log-probabilities.
   *
   * <p>The rewards it reports are the log-ratios (implicit rewards with β = 1).
   *
   * @param reduction how responses are reduced before the function sees them
   * @param perExample (policy, reference) to losses of shape (B); both arguments are reduced
   *     already
   */
  static PairwiseLoss of(Reduction reduction, LossFunction perExample) {
    return new CustomLoss(
        Objects.requireNonNull(reduction, "reduction"),
        Objects.requireNonNull(perExample, "perExample"));
  }

  /**
   * Returns a loss written as a function of reduced log-ratios r = log π(y) − log π_ref(y).
   *
   * @param reduction how responses are reduced before the function sees them
   * @param perExample (r_w, r_l), shape (B) each, to losses of shape (B)
   */
  static PairwiseLoss ofLogRatios(Reduction reduction, BinaryOperator<NDArray> perExample) {
    Objects.requireNonNull(perExample, "perExample");
    return of(
        reduction,
        (policy, reference) ->
            perExample.apply(
                policy.chosen().sub(reference.chosen()),
                policy.rejected().sub(reference.rejected())));
  }

  /**
   * Returns this loss plus {@code weight} times the length-normalised negative log-likelihood of
   * the chosen responses (RPO).
   *
   * @see Mixture#withDemonstrations
   */
  default PairwiseLoss plusDemonstrations(double weight) {
    return Mixture.withDemonstrations(this, weight);
  }

  /** Losses of shape (B) from reduced log-probabilities of policy and reference. */
  @FunctionalInterface
  interface LossFunction {
    /** Returns the loss of every pair, shape (B). */
    NDArray apply(PairLogProbs policy, PairLogProbs reference);
  }

  /**
   * Returns a reference-free loss written as a function of the policy's reduced log-probabilities.
   *
   * <p>The rewards it reports are the reduced log-probabilities (implicit rewards with β = 1).
   *
   * @param reduction how responses are reduced before the function sees them
   * @param perExample policy to losses of shape (B)
   */
  static PairwiseLoss referenceFree(
      Reduction reduction, Function<PairLogProbs, NDArray> perExample) {
    return new CustomReferenceFreeLoss(
        Objects.requireNonNull(reduction, "reduction"),
        Objects.requireNonNull(perExample, "perExample"));
  }
}
