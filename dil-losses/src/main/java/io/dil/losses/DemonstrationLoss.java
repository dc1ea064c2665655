package io.dil.losses;

/** A loss of responses to imitate. */
public non-sealed interface DemonstrationLoss extends PreferenceLoss {

  /**
   * Returns the loss of every response.
   *
   * @param policy summed log-probabilities under the model being trained, shape (B), with gradient
   * @return losses and detached rewards, shape (B) each, owned by the manager of {@code policy}'s
   *     arrays
   */
  ResponseOutput compute(ResponseLogProbs policy);

  /** Returns {@code false}: a demonstration is imitated, not compared with a reference. */
  @Override
  default boolean needsReference() {
    return false;
  }
}
