package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * What one model says about a batch of single responses.
 *
 * @param logProbs Σₜ log π(yₜ), <em>summed</em> over the response's tokens, in nats, shape (B)
 * @param tokens number of tokens of each response, shape (B), at least 1 each
 */
public record ResponseLogProbs(NDArray logProbs, NDArray tokens) {

  /** Checks that both arrays describe the same responses. */
  public ResponseLogProbs {
    LossMath.requireVector("logProbs", logProbs);
    LossMath.requireSameShape("tokens", tokens, "logProbs", logProbs);
  }

  /** Returns the log-probabilities reduced over tokens, shape (B). Gradients flow through. */
  public NDArray reduced(Reduction reduction) {
    return reduction == Reduction.SUM ? logProbs : logProbs.div(tokens);
  }

  /**
   * Returns the log-ratios log π(y) − log π_ref(y), reduced, shape (B), owned by the manager of
   * this (the policy's) arrays.
   */
  public NDArray logRatios(ResponseLogProbs reference, Reduction reduction) {
    LossMath.requireSameShape("reference", reference.logProbs, "policy", logProbs);
    NDArray ratios = logProbs.sub(reference.logProbs);
    return reduction == Reduction.SUM ? ratios : ratios.div(tokens);
  }
}
