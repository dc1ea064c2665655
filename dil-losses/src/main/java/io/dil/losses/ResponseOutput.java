package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * What a {@link PointwiseLoss} or a {@link DemonstrationLoss} says about a batch of single
 * responses.
 *
 * @param perExample the loss of every response, shape (B); the trainer takes the mean
 * @param rewards implicit rewards, shape (B), detached
 */
public record ResponseOutput(NDArray perExample, NDArray rewards) {

  /**
   * Returns this output after looking at every loss on the host (on a GPU, a synchronisation).
   *
   * @throws ArithmeticException if a loss is infinite or not a number; the message names its row
   */
  public ResponseOutput requireFinite() {
    LossMath.requireFinite(perExample, rewards);
    return this;
  }
}
