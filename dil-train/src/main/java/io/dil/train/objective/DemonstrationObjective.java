package io.dil.train.objective;

import ai.djl.ndarray.NDArray;
import io.dil.core.TokenGroup;
import io.dil.data.TokenizedExample;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.ResponseLogProbs;
import io.dil.losses.ResponseOutput;
import java.util.List;
import java.util.OptionalDouble;

/** A loss of demonstrations; of a preference pair it takes the chosen response. */
record DemonstrationObjective(DemonstrationLoss loss) implements Objective {
  @Override
  public TokenGroup group(TokenizedExample example) {
    TokenGroup tokens = example.tokens();
    return new TokenGroup(
        tokens.prompt(),
        List.of(tokens.responses().get(0)),
        tokens.skipped().isEmpty() ? List.of() : List.of(tokens.skipped().get(0)));
  }

  @Override
  public List<TokenGroup> mismatched(List<TokenizedExample> examples) {
    return List.of();
  }

  @Override
  public BatchLoss evaluate(List<TokenizedExample> examples, Scores scores) {
    double[] tokens =
        examples.stream().mapToDouble(example -> example.tokens().scored(0)).toArray();
    try (LossScope scope = new LossScope()) {
      NDArray policy = scope.leaf(scores.policy());
      ResponseOutput output = loss.compute(new ResponseLogProbs(policy, scope.constant(tokens)));
      return new BatchLoss(
          output.perExample().toDoubleArray(),
          scope.gradients(output.perExample(), policy)[0],
          new double[0],
          new double[0],
          OptionalDouble.empty());
    }
  }

  @Override
  public boolean takesPairs() {
    return false;
  }

  @Override
  public boolean coupled() {
    return loss.coupled();
  }
}
