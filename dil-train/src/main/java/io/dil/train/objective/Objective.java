package io.dil.train.objective;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.data.TokenizedExample;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.PointwiseLoss;
import io.dil.losses.PreferenceLoss;
import io.dil.losses.RewardLoss;
import java.util.List;

/**
 * A loss applied to examples: which responses it wants scored, and what it makes of their scores.
 *
 * <p>Scores and gradients cross to the host, where the loss runs in fp64 over a handful of numbers:
 * what fp32 would lose in e^{2r} or a long sum is kept, and a number that is not finite is seen at
 * once.
 */
public interface Objective {
  /** Returns the objective of a loss. This is the only place that looks at a loss's shape. */
  static Objective of(PreferenceLoss loss) {
    return of(loss, PairWeights.ALIKE);
  }

  /**
   * As {@link #of(PreferenceLoss)}, with weights of tokens or pairs.
   *
   * @throws InputException if the loss cannot be weighted so
   */
  static Objective of(PreferenceLoss loss, PairWeights weights) {
    if (!weights.equals(PairWeights.ALIKE)) {
      return PairObjective.weighted(loss, weights);
    }
    if (loss instanceof RewardLoss rewards) {
      return new RewardObjective(rewards);
    } else if (loss instanceof PairwiseLoss pairwise) {
      return new PairObjective(pairwise, weights);
    } else if (loss instanceof PointwiseLoss pointwise) {
      return new LabelledObjective(pointwise);
    }
    return new DemonstrationObjective((DemonstrationLoss) loss);
  }

  /** Returns the loss. */
  PreferenceLoss loss();

  /** Returns what is to be scored for an example. */
  TokenGroup group(TokenizedExample example);

  /**
   * Returns the mismatched responses, each behind another example's prompt, that the loss wants
   * scored too, without gradient; empty for most.
   */
  List<TokenGroup> mismatched(List<TokenizedExample> examples);

  /**
   * Evaluates the loss.
   *
   * @param examples the examples of a step or of a micro-batch
   * @param scores summed log-probabilities of all responses of all groups, in order; of a reward
   *     model their rewards
   * @return losses, and their gradients with respect to the policy's scores
   */
  BatchLoss evaluate(List<TokenizedExample> examples, Scores scores);

  /**
   * Whether the examples of a step must be evaluated together, since one's loss depends on the
   * others.
   */
  boolean coupled();

  /** Whether it wants the alignments of the policy's responses, see {@link Scores}. */
  default boolean wantsAlignments() {
    return false;
  }

  /** Whether it takes both responses of a preference pair. */
  default boolean takesPairs() {
    return true;
  }

  /** Whether a step must have more than one example: for the mismatched responses. */
  default boolean needsOthers() {
    return false;
  }
}
