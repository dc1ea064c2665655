package io.dil.losses;

import ai.djl.ndarray.NDArray;

/** A user's function of reduced log-probabilities as a loss. */
record CustomLoss(Reduction reduction, LossFunction perExample) implements PairwiseLoss {

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    // The reference moves to the policy's manager so that whatever the function computes from it
    // first does not end up with, and outlive the step in, the manager that caches references.
    PairLogProbs reducedPolicy = policy.reduced(reduction);
    PairLogProbs reducedReference = reference.on(policy.manager()).reduced(reduction);
    NDArray losses = perExample.apply(reducedPolicy, reducedReference);
    LossMath.requireSameShape("loss", losses, "policy", policy.chosen());
    return new LossOutput(
        losses,
        reducedPolicy.chosen().sub(reducedReference.chosen()).stopGradient(),
        reducedPolicy.rejected().sub(reducedReference.rejected()).stopGradient());
  }
}
