package io.dil.train.objective;

import ai.djl.ndarray.NDArray;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.data.TokenizedExample;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.LossOutput;
import io.dil.losses.Mixture;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.PreferenceLoss;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** A loss of preference pairs; scores alternate between chosen and rejected. */
record PairObjective(PairwiseLoss loss, PairWeights weights) implements Objective {
  /** Returns the objective of a loss that takes weights. */
  static PairObjective weighted(PreferenceLoss loss, PairWeights weights) {
    if (!(loss instanceof PairwiseLoss pairwise) || loss.takesRewards()) {
      throw new InputException(
          "ld_alpha and use_weighting weigh preference pairs by log-probabilities, which this loss"
              + " does not take");
    }
    if (weights.ofPolicy() && loss.coupled()) {
      throw new InputException(
          "use_weighting weighs pairs one by one, and this loss takes those of a step together");
    }
    if (weights.tail() != 1
        && loss instanceof Mixture mixture
        && mixture.components().stream()
            .anyMatch(part -> part.loss() instanceof DemonstrationLoss)) {
      throw new InputException(
          "ld_alpha weighs tokens in losses of pairs, and would in sft too; remove sft (rpo_alpha)"
              + " or ld_alpha");
    }
    return new PairObjective(pairwise, weights);
  }

  @Override
  public TokenGroup group(TokenizedExample example) {
    TokenGroup tokens = requirePair(example).tokens();
    return weights.tail() == 1 ? tokens : tokens.withTailWeight(weights.tail());
  }

  @Override
  public boolean wantsAlignments() {
    return weights.ofPolicy();
  }

  /**
   * Returns the example.
   *
   * @throws InputException if it is no preference pair
   */
  static TokenizedExample requirePair(TokenizedExample example) {
    if (!example.isPair()) {
      throw new InputException(
          example.id() + ": this loss trains on preference pairs, got a single response");
    }
    return example;
  }

  @Override
  public List<TokenGroup> mismatched(List<TokenizedExample> examples) {
    return List.of();
  }

  @Override
  public BatchLoss evaluate(List<TokenizedExample> examples, Scores scores) {
    int n = examples.size();
    double[] chosenTokens = new double[n];
    double[] rejectedTokens = new double[n];
    for (int i = 0; i < n; i++) {
      chosenTokens[i] = examples.get(i).tokens().responses().get(0).size();
      rejectedTokens[i] = examples.get(i).tokens().responses().get(1).size();
    }
    try (LossScope scope = new LossScope()) {
      NDArray chosen = scope.leaf(every(scores.policy(), 0));
      NDArray rejected = scope.leaf(every(scores.policy(), 1));
      PairLogProbs policy =
          new PairLogProbs(
              chosen, rejected, scope.constant(chosenTokens), scope.constant(rejectedTokens));
      PairLogProbs reference =
          new PairLogProbs(
              scope.constant(every(scores.reference(), 0)),
              scope.constant(every(scores.reference(), 1)),
              scope.constant(chosenTokens),
              scope.constant(rejectedTokens));
      LossOutput output = loss.compute(policy, reference);
      NDArray losses = output.perExample();
      if (weights.ofPolicy()) {
        losses = losses.mul(scope.constant(ofPairs(scores.alignments())));
      }
      double[][] gradients = scope.gradients(losses, chosen, rejected);
      return new BatchLoss(
          losses.toDoubleArray(),
          interleaved(gradients[0], gradients[1]),
          output.chosenRewards().toDoubleArray(),
          output.rejectedRewards().toDoubleArray(),
          OptionalDouble.empty());
    }
  }

  @Override
  public boolean coupled() {
    return loss.coupled();
  }

  /** Returns what each pair counts: the product of what its responses do. */
  private static double[] ofPairs(double[] alignments) {
    double[] chosen = every(alignments, 0);
    double[] rejected = every(alignments, 1);
    double[] pairs = new double[chosen.length];
    Arrays.setAll(pairs, i -> Math.exp(chosen[i] + rejected[i]));
    return pairs;
  }

  /** Returns the numbers of all responses, chosen and rejected in turns. */
  static double[] interleaved(double[] chosen, double[] rejected) {
    double[] both = new double[2 * chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      both[2 * i] = chosen[i];
      both[2 * i + 1] = rejected[i];
    }
    return both;
  }

  /** Returns every second number from {@code offset} on. */
  static double[] every(double[] values, int offset) {
    double[] picked = new double[values.length / 2];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[2 * i + offset];
    }
    return picked;
  }
}
