package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/** A user's function of the policy's reduced log-probabilities as a loss. */
record CustomReferenceFreeLoss(Reduction reduction, Function<PairLogProbs, NDArray> perExample)
    implements PairwiseLoss {

  @Override
  public boolean needsReference() {
    return false;
  }

  @Override
  public LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs reduced = policy.reduced(reduction);
    NDArray losses = perExample.apply(reduced);
    LossMath.requireSameShape("loss", losses, "policy", policy.chosen());
    return new LossOutput(
        losses, reduced.chosen().stopGradient(), reduced.rejected().stopGradient());
  }
}
