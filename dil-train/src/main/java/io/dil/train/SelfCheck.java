package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.losses.PreferenceLoss;
import io.dil.train.objective.BatchLoss;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What must hold before the first step of a run whose reference is the policy it starts from: every
 * log-ratio is 0, and the loss is its known constant (LSIF −½, UKL 1, BCE 2 ln 2, DPO ln 2).
 */
final class SelfCheck {
  /**
   * Nats a token; the two passes run the same kernels, so this allows for no more than rounding.
   */
  private static final double TOLERANCE = 1e-5;

  private SelfCheck() {}

  static void require(
      List<TokenizedExample> batch,
      double[] policy,
      double @Nullable [] reference,
      PreferenceLoss loss,
      BatchLoss result) {
    if (reference == null) {
      return;
    }
    double slack = 0;
    for (int i = 0; i < policy.length; i++) {
      double allowed = TOLERANCE * (1 + Math.abs(policy[i]));
      slack = Math.max(slack, allowed);
      if (Math.abs(policy[i] - reference[i]) > allowed) {
        throw new TrainingException(
            "self-check failed before the first step: policy and reference must agree, got "
                + policy[i]
                + " and "
                + reference[i]
                + " for response "
                + i
                + " of the batch that begins with row "
                + batch.get(0).id());
      }
    }
    OptionalDouble known = loss.valueAtReference();
    if (known.isPresent()) {
      for (int i = 0; i < batch.size(); i++) {
        if (Math.abs(result.perExample()[i] - known.getAsDouble()) > 4 * slack) {
          throw new TrainingException(
              "self-check failed before the first step: the loss must be "
                  + known.getAsDouble()
                  + " where policy and reference agree, got "
                  + result.perExample()[i]
                  + " for row "
                  + batch.get(i).id());
        }
      }
    }
  }
}
