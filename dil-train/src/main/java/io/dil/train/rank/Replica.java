package io.dil.train.rank;

import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.train.optim.Optimizer;
import io.dil.train.reference.ReferenceScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one rank trains with.
 *
 * @param policy the model that is trained, or its part of it
 * @param reference the reference's scores; null for a loss that needs none
 * @param optimizer of the policy's parameters
 */
public record Replica(CausalLm policy, @Nullable ReferenceScores reference, Optimizer optimizer) {
  /** Returns the reference's scores, or null where there is no reference. */
  public double @Nullable [] referenceScores(List<TokenGroup> groups) {
    return reference == null ? null : reference.scores(groups);
  }

  /** Takes part in a pass of other ranks, and in their scores of the reference before it. */
  public void accompany(boolean backward) {
    if (reference != null) {
      reference.accompany();
    }
    policy.accompany(backward);
  }
}
