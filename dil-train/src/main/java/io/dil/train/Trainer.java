package io.dil.train;

import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Dropout;
import io.dil.core.model.Pass;
import io.dil.data.TokenizedExample;
import io.dil.train.objective.BatchLoss;
import io.dil.train.objective.Objective;
import io.dil.train.objective.Scores;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One optimiser step: scores, loss, gradient, update.
 *
 * <p>The loss sees nothing but log-probabilities, so its gradient with respect to them is known
 * before a backward pass begins, and is pushed back one pass at a time. Any accumulation gives the
 * gradient of the large batch. Where one example's loss depends on the others', the whole step is
 * scored first.
 */
public final class Trainer {
  private final CausalLm policy;
  private final @Nullable ReferenceScores reference;
  private final Objective objective;
  private final AdamW optimizer;
  private final Options options;

  /**
   * What does not change from step to step.
   *
   * @param passes how much is computed at once
   * @param maxGradNorm the global norm that gradients are clipped to; 0 for never
   * @param compute how passes are computed
   * @param seed of what an adapter with dropout drops
   */
  public record Options(PassSize passes, double maxGradNorm, ComputeOptions compute, long seed) {}

  /**
   * Makes a trainer.
   *
   * @param policy the model that is trained
   * @param reference the reference's scores; null for a loss that needs none
   */
  public Trainer(
      CausalLm policy,
      @Nullable ReferenceScores reference,
      Objective objective,
      AdamW optimizer,
      Options options) {
    if (reference == null && objective.loss().needsReference()) {
      throw new IllegalArgumentException("this loss needs reference scores, got none");
    }
    this.policy = policy;
    this.reference = reference;
    this.objective = objective;
    this.optimizer = optimizer;
    this.options = options;
  }

  /**
   * Takes one step on {@code examples} and returns its metrics; the loss is that before the step.
   *
   * @throws TrainingException if a number is not finite; the message names the row, and no weight
   *     has changed
   */
  public Map<String, Double> step(List<TokenizedExample> examples, double learningRate) {
    StepMetrics metrics = new StepMetrics();
    List<List<TokenizedExample>> batches = options.passes().cut(examples, objective::group);
    if (objective.coupled()) {
      coupledGradients(examples, batches, metrics);
    } else {
      int at = 0;
      for (List<TokenizedExample> batch : batches) {
        separateGradients(batch, training(at), examples.size(), metrics);
        at += batch.size();
      }
    }
    double norm = optimizer.gradientNorm();
    if (!Double.isFinite(norm)) {
      throw new TrainingException(
          "gradient is not finite, got norm "
              + norm
              + " in the step over rows "
              + examples.stream().map(TokenizedExample::id).toList());
    }
    if (options.maxGradNorm() > 0) {
      optimizer.clip(norm, options.maxGradNorm());
    }
    optimizer.step(learningRate);
    Map<String, Double> means = metrics.means("");
    means.put("grad_norm", norm);
    means.put("learning_rate", learningRate);
    means.put("num_tokens", (double) metrics.tokens());
    return means;
  }

  /** Returns how the micro-batch that begins at an example of the step is computed. */
  private ComputeOptions training(int example) {
    return options.compute().withDropout(new Dropout(options.seed(), optimizer.steps(), example));
  }

  private void separateGradients(
      List<TokenizedExample> batch, ComputeOptions compute, int total, StepMetrics metrics) {
    List<TokenGroup> groups = groups(batch);
    double[] frozen = referenceScores(groups);
    try (Pass pass = policy.forward(groups, compute)) {
      double[] scores = pass.logProbs();
      BatchLoss result = evaluate(batch, scores, frozen, List.of());
      pass.backward(scaled(result.gradient(), total));
      metrics.add(batch, result, scores, frozen);
    }
  }

  private void coupledGradients(
      List<TokenizedExample> examples, List<List<TokenizedExample>> batches, StepMetrics metrics) {
    double[] scores = new double[0];
    double[] frozen = reference == null ? null : new double[0];
    int example = 0;
    for (List<TokenizedExample> batch : batches) {
      List<TokenGroup> groups = groups(batch);
      // What is dropped here is dropped again below, so that the gradient is of this very loss.
      scores = joined(scores, policy.score(groups, training(example)));
      example += batch.size();
      double[] more = referenceScores(groups);
      frozen = frozen == null || more == null ? null : joined(frozen, more);
    }
    BatchLoss result = evaluate(examples, scores, frozen, objective.mismatched(examples));
    double[] gradient = scaled(result.gradient(), examples.size());
    int at = 0;
    example = 0;
    for (List<TokenizedExample> batch : batches) {
      try (Pass pass = policy.forward(groups(batch), training(example))) {
        int responses = pass.logProbs().length;
        pass.backward(Arrays.copyOfRange(gradient, at, at + responses));
        at += responses;
      }
      example += batch.size();
    }
    metrics.add(examples, result, scores, frozen);
  }

  /** Returns whether a step must have more than one example. */
  public boolean needsOthers() {
    return objective.needsOthers();
  }

  /**
   * Returns the mean metrics of held-out examples, under names that begin with {@code eval_}; none
   * of them depends on how the examples come in batches. A loss that couples examples is taken of
   * all of them at once, which are kept until then.
   */
  public Map<String, Double> evaluate(Iterable<List<TokenizedExample>> batches) {
    StepMetrics metrics = new StepMetrics();
    List<TokenizedExample> all = new ArrayList<>();
    double[] allScores = new double[0];
    double[] allFrozen = new double[0];
    for (List<TokenizedExample> batch : batches) {
      List<TokenGroup> groups = groups(batch);
      double[] scores = policy.score(groups, options.compute());
      double[] frozen = referenceScores(groups);
      if (objective.coupled()) {
        all.addAll(batch);
        allScores = joined(allScores, scores);
        allFrozen = frozen == null ? allFrozen : joined(allFrozen, frozen);
      } else {
        metrics.add(batch, evaluate(batch, scores, frozen, List.of()), scores, frozen);
      }
    }
    if (!all.isEmpty()) {
      double[] frozen = reference == null ? null : allFrozen;
      BatchLoss result = evaluate(all, allScores, frozen, objective.mismatched(all));
      metrics.add(all, result, allScores, frozen);
    }
    return metrics.means("eval_");
  }

  /**
   * Checks, before the first step, that policy and reference agree and that the loss is the
   * constant that it must then be.
   *
   * @throws TrainingException that says what does not hold
   */
  public void selfCheck(List<TokenizedExample> examples) {
    if (reference == null || examples.isEmpty()) {
      return;
    }
    List<TokenizedExample> batch = options.passes().cut(examples, objective::group).get(0);
    List<TokenGroup> groups = groups(batch);
    double[] frozen = referenceScores(groups);
    double[] scores;
    try (Pass pass = policy.forward(groups, options.compute())) {
      scores = pass.logProbs();
    }
    // Of equal models no divergence is estimated: it is 0.
    BatchLoss result = evaluate(batch, scores, frozen, List.of());
    SelfCheck.require(batch, scores, frozen, objective.loss(), result);
  }

  private BatchLoss evaluate(
      List<TokenizedExample> examples,
      double[] scores,
      double @Nullable [] frozen,
      List<TokenGroup> mismatched) {
    Finite.scores("policy", examples, scores);
    if (frozen != null) {
      Finite.scores("reference", examples, frozen);
    }
    double[] mismatchedPolicy = new double[0];
    double[] mismatchedReference = new double[0];
    int most = options.passes().examples();
    for (int i = 0; i < mismatched.size(); i += most) {
      List<TokenGroup> part = mismatched.subList(i, Math.min(mismatched.size(), i + most));
      mismatchedPolicy = joined(mismatchedPolicy, policy.score(part, options.compute()));
      double[] more = referenceScores(part);
      mismatchedReference = joined(mismatchedReference, more == null ? new double[0] : more);
    }
    BatchLoss result =
        objective.evaluate(
            examples,
            new Scores(
                scores, frozen == null ? scores : frozen, mismatchedPolicy, mismatchedReference));
    Finite.losses(examples, result);
    return result;
  }

  private double @Nullable [] referenceScores(List<TokenGroup> groups) {
    return reference == null ? null : reference.scores(groups);
  }

  private List<TokenGroup> groups(List<TokenizedExample> examples) {
    return examples.stream().map(objective::group).toList();
  }

  // The loss of a step is the mean over its examples, whatever the micro-batches.
  private static double[] scaled(double[] gradient, int examples) {
    return Arrays.stream(gradient).map(value -> value / examples).toArray();
  }

  private static double[] joined(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
