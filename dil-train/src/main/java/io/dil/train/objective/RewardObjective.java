package io.dil.train.objective;

import ai.djl.ndarray.NDArray;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.data.TokenizedExample;
import io.dil.losses.LossOutput;
import io.dil.losses.PairRewards;
import io.dil.losses.Reduction;
import io.dil.losses.RewardLoss;
import java.util.List;
import java.util.OptionalDouble;

/** A loss of a reward model; scores are rewards, and alternate between chosen and rejected. */
record RewardObjective(RewardLoss loss) implements Objective {
  RewardObjective {
    if (loss.reduction() != Reduction.SUM) {
      throw new InputException(
          "reduction must be sum, since a response has one reward and not one a token, got "
              + loss.reduction());
    }
  }

  @Override
  public TokenGroup group(TokenizedExample example) {
    return PairObjective.requirePair(example).tokens();
  }

  @Override
  public List<TokenGroup> mismatched(List<TokenizedExample> examples) {
    return List.of();
  }

  @Override
  public BatchLoss evaluate(List<TokenizedExample> examples, Scores scores) {
    double[] margins = examples.stream().mapToDouble(TokenizedExample::margin).toArray();
    try (LossScope scope = new LossScope()) {
      NDArray chosen = scope.leaf(PairObjective.every(scores.policy(), 0));
      NDArray rejected = scope.leaf(PairObjective.every(scores.policy(), 1));
      LossOutput output = loss.compute(new PairRewards(chosen, rejected, scope.constant(margins)));
      double[][] gradients = scope.gradients(output.perExample(), chosen, rejected);
      return new BatchLoss(
          output.perExample().toDoubleArray(),
          PairObjective.interleaved(gradients[0], gradients[1]),
          output.chosenRewards().toDoubleArray(),
          output.rejectedRewards().toDoubleArray(),
          OptionalDouble.empty());
    }
  }

  @Override
  public boolean coupled() {
    return loss.coupled();
  }
}
