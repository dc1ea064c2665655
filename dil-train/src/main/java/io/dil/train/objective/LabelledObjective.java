package io.dil.train.objective;

import ai.djl.ndarray.NDArray;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.data.TokenizedExample;
import io.dil.losses.PointwiseLoss;
import io.dil.losses.ResponseLogProbs;
import io.dil.losses.ResponseOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A loss of labelled responses (KTO). A preference pair counts as a wanted and an unwanted
 * response; its loss is the mean of the two.
 *
 * <p>KL(π ‖ π_ref) is estimated from every prompt with the first response of the next example of
 * the step, the last with the first, as in the KTO paper, §4.1; over the whole step, so that
 * accumulation does not change it.
 */
record LabelledObjective(PointwiseLoss loss) implements Objective {
  @Override
  public TokenGroup group(TokenizedExample example) {
    return example.tokens();
  }

  @Override
  public List<TokenGroup> mismatched(List<TokenizedExample> examples) {
    List<TokenGroup> groups = new ArrayList<>();
    if (loss.needsKl()) {
      if (examples.size() < 2) {
        // Its own response would not be mismatched: the estimate would be the reward itself.
        throw new InputException(
            "this loss estimates a KL divergence from the responses to other prompts, so a step"
                + " must have at least 2 examples, got 1; set per_device_train_batch_size or"
                + " gradient_accumulation_steps");
      }
      for (int i = 0; i < examples.size(); i++) {
        TokenizedExample next = examples.get((i + 1) % examples.size());
        groups.add(
            new TokenGroup(
                examples.get(i).tokens().prompt(), List.of(next.tokens().responses().get(0))));
      }
    }
    return groups;
  }

  @Override
  public BatchLoss evaluate(List<TokenizedExample> examples, Scores scores) {
    int n = scores.policy().length;
    double[] tokens = new double[n];
    double[] desirable = new double[n];
    int at = 0;
    for (TokenizedExample example : examples) {
      for (int i = 0; i < example.tokens().responses().size(); i++) {
        tokens[at] = example.tokens().responses().get(i).size();
        desirable[at++] = (example.isPair() ? i == 0 : example.desirable()) ? 1 : 0;
      }
    }
    try (LossScope scope = new LossScope()) {
      NDArray policy = scope.leaf(scores.policy());
      NDArray counts = scope.constant(tokens);
      NDArray kl = kl(scope, examples, scores);
      ResponseOutput output =
          loss.compute(
              new ResponseLogProbs(policy, counts),
              new ResponseLogProbs(scope.constant(scores.reference()), counts),
              scope.constant(desirable),
              kl);
      boolean estimated = loss.needsKl() && scores.mismatchedPolicy().length > 0;
      return collect(
          examples,
          output.perExample().toDoubleArray(),
          scope.gradients(output.perExample(), policy)[0],
          output.rewards().toDoubleArray(),
          desirable,
          estimated ? OptionalDouble.of(kl.getDouble()) : OptionalDouble.empty());
    }
  }

  private NDArray kl(LossScope scope, List<TokenizedExample> examples, Scores scores) {
    int n = scores.mismatchedPolicy().length;
    if (!loss.needsKl() || n == 0) {
      return scope.constant(new double[] {0}).sum();
    }
    double[] tokens = new double[n];
    for (int i = 0; i < n; i++) {
      tokens[i] = examples.get((i + 1) % n).tokens().responses().get(0).size();
    }
    NDArray counts = scope.constant(tokens);
    return loss.kl(
        new ResponseLogProbs(scope.constant(scores.mismatchedPolicy()), counts),
        new ResponseLogProbs(scope.constant(scores.mismatchedReference()), counts));
  }

  private static BatchLoss collect(
      List<TokenizedExample> examples,
      double[] losses,
      double[] gradient,
      double[] rewards,
      double[] desirable,
      OptionalDouble kl) {
    double[] perExample = new double[examples.size()];
    List<Double> chosen = new ArrayList<>();
    List<Double> rejected = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < perExample.length; i++) {
      int responses = examples.get(i).tokens().responses().size();
      for (int j = 0; j < responses; j++, at++) {
        perExample[i] += losses[at] / responses;
        gradient[at] /= responses;
        (desirable[at] == 1 ? chosen : rejected).add(rewards[at]);
      }
    }
    return new BatchLoss(perExample, gradient, array(chosen), array(rejected), kl);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public boolean coupled() {
    return loss.coupled() || loss.needsKl();
  }

  @Override
  public boolean needsOthers() {
    return loss.needsKl();
  }
}
