package io.dil.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * What one model says about a batch of preference pairs: the <em>summed</em> natural
 * log-probability of every response, and how many tokens it was summed over.
 *
 * @param chosen Σₜ log π(yₜ) of the preferred responses, shape (B)
 * @param rejected the same of the dispreferred responses, shape (B)
 * @param chosenTokens number of tokens of the preferred responses, shape (B), at least 1 each
 * @param rejectedTokens number of tokens of the dispreferred responses, shape (B), at least 1 each
 */
public record PairLogProbs(
    NDArray chosen, NDArray rejected, NDArray chosenTokens, NDArray rejectedTokens) {

  /** Checks that the four arrays describe the same pairs. */
  public PairLogProbs {
    LossMath.requireVector("chosen", chosen);
    LossMath.requireSameShape("rejected", rejected, "chosen", chosen);
    LossMath.requireSameShape("chosenTokens", chosenTokens, "chosen", chosen);
    LossMath.requireSameShape("rejectedTokens", rejectedTokens, "chosen", chosen);
  }

  /** Returns the number of pairs, B. */
  public long size() {
    return chosen.size();
  }

  /** Returns the manager that results computed from these arrays belong to. */
  public NDManager manager() {
    return chosen.getManager();
  }

  /**
   * Returns these log-probabilities reduced: divided by their token counts for {@link
   * Reduction#MEAN}, unchanged for {@link Reduction#SUM}. Gradients flow through.
   */
  public PairLogProbs reduced(Reduction reduction) {
    if (reduction == Reduction.SUM) {
      return this;
    }
    return new PairLogProbs(
        chosen.div(chosenTokens), rejected.div(rejectedTokens), chosenTokens, rejectedTokens);
  }

  /**
   * Returns the log-ratios log π(y) − log π_ref(y), reduced, owned by the manager of this (the
   * policy's) arrays.
   *
   * @param reference the reference model's log-probabilities of the same pairs, shape (B)
   * @param reduction sum or mean over tokens
   * @throws IllegalArgumentException if the reference holds another number of pairs
   */
  public PairLogProbs logRatios(PairLogProbs reference, Reduction reduction) {
    LossMath.requireSameShape("reference", reference.chosen, "policy", chosen);
    // Policy first: a result belongs to the manager of its first operand.
    return new PairLogProbs(
            chosen.sub(reference.chosen),
            rejected.sub(reference.rejected),
            chosenTokens,
            rejectedTokens)
        .reduced(reduction);
  }

  /** Returns the same numbers in arrays that {@code manager} owns. */
  PairLogProbs on(NDManager manager) {
    return new PairLogProbs(
        LossMath.on(manager, chosen),
        LossMath.on(manager, rejected),
        LossMath.on(manager, chosenTokens),
        LossMath.on(manager, rejectedTokens));
  }

  /** Returns the preferred responses alone, as demonstrations. */
  public ResponseLogProbs demonstrations() {
    return new ResponseLogProbs(chosen, chosenTokens);
  }
}
