package io.dil.losses;

import ai.djl.ndarray.NDArray;

/** A loss of single responses that carry a good/bad label. */
public non-sealed interface PointwiseLoss extends PreferenceLoss {

  /** Returns whether the loss reads {@code kl}; if not, any number will do. */
  boolean needsKl();

  /**
   * Returns the loss of every response.
   *
   * <p>All results belong to the manager of {@code policy}'s arrays; no argument is changed.
   *
   * @param policy summed log-probabilities under the model being trained, shape (B), with gradient
   * @param reference summed log-probabilities under the frozen reference, shape (B)
   * @param desirable 1 (or true) where the response is good and 0 (or false) where it is bad, shape
   *     (B)
   * @param kl estimate of KL(π ‖ π_ref) in nats, a scalar; taken without gradient, negative counts
   *     as 0
   * @return losses and detached implicit rewards, shape (B) each
   */
  ResponseOutput compute(
      ResponseLogProbs policy, ResponseLogProbs reference, NDArray desirable, NDArray kl);

  /**
   * Returns the estimate of KL(π ‖ π_ref) that {@link #compute} takes: the batch mean of the
   * log-ratios of <em>mismatched</em> responses (each the answer to another prompt), floored at 0,
   * without gradient.
   *
   * @param policy log-probabilities of mismatched (prompt, response) pairs under the policy, shape
   *     (B)
   * @param reference the same under the reference, shape (B)
   * @return a scalar, owned by the manager of {@code policy}'s arrays
   */
  default NDArray kl(ResponseLogProbs policy, ResponseLogProbs reference) {
    return policy.logRatios(reference, reduction()).mean().maximum(0).stopGradient();
  }
}
