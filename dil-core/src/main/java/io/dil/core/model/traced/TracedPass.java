package io.dil.core.model.traced;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Pass;
import io.dil.core.model.Recompute;
import io.dil.core.torch.GradMode;
import java.util.ArrayList;
import java.util.List;

/*
 * One pass, sequence by sequence. The gradient of a log-probability with respect to the logits is known, so
 * autograd begins at the logits and ends at the module's weights; a sequence's graph is freed in its turn.
 */
final class TracedPass implements Pass {
  private final TracedLm model;
  private final long chunk;
  private final NDManager scope;
  private final List<Sequence> sequences = new ArrayList<>();
  // Empty where they are computed again.
  private final List<NDArray> logits = new ArrayList<>();
  private final double[] logProbs;
  private boolean spent;

  /** A response behind its prompt. */
  private record Sequence(Tokens prompt, Tokens response) {
    /** Returns what goes in: the last token predicts nothing that is scored. */
    Tokens inputs() {
      return prompt.then(response.slice(0, response.size() - 1));
    }

    long firstRow() {
      return prompt.size() - 1L;
    }

    long[] targets() {
      return response.stream().asLongStream().toArray();
    }
  }

  TracedPass(TracedLm model, List<TokenGroup> groups, ComputeOptions options, boolean train) {
    this.model = model;
    chunk = options.headRows(model.vocabSize());
    for (TokenGroup group : groups) {
      group
          .responses()
          .forEach(
              response ->
                  sequences.add(
                      new Sequence(group.prompt(), response.requireBelow(model.vocabSize()))));
    }
    logProbs = new double[sequences.size()];
    boolean keep = train && options.recompute() != Recompute.ALWAYS;
    scope = model.manager().newSubManager();
    try (GradMode mode = keep ? GradMode.on() : GradMode.off()) {
      for (int i = 0; i < logProbs.length; i++) {
        NDArray found = model.logits(scope, sequences.get(i).inputs());
        logProbs[i] = logProb(sequences.get(i), found);
        if (keep) {
          logits.add(found);
        } else {
          found.close();
        }
      }
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private double logProb(Sequence sequence, NDArray found) {
    try (GradMode off = GradMode.off();
        NDArray targets = scope.create(sequence.targets());
        NDArray sum =
            model
                .program()
                .call("log_prob")
                .with(found)
                .with(sequence.firstRow())
                .with(targets)
                .with(chunk)
                .single(scope)) {
      return sum.getDouble();
    }
  }

  @Override
  public double[] logProbs() {
    return logProbs.clone();
  }

  @Override
  public void backward(double[] weights) {
    if (spent) {
      throw new IllegalStateException("backward was already called on this pass");
    }
    if (weights.length != logProbs.length) {
      throw new IllegalArgumentException(
          "weights must have one entry a response, "
              + logProbs.length
              + " in all, got "
              + weights.length);
    }
    spent = true;
    for (int i = 0; i < weights.length; i++) {
      Sequence sequence = sequences.get(i);
      try (GradMode on = GradMode.on();
          NDArray found =
              logits.isEmpty() ? model.logits(scope, sequence.inputs()) : logits.get(i)) {
        back(sequence, found, weights[i]);
      }
    }
  }

  private void back(Sequence sequence, NDArray found, double weight) {
    NDArray gradient;
    try (GradMode off = GradMode.off();
        NDArray targets = scope.create(sequence.targets())) {
      gradient =
          model
              .program()
              .call("logits_gradient")
              .with(found)
              .with(sequence.firstRow())
              .with(targets)
              .with(weight)
              .with(chunk)
              .single(scope);
    }
    try (gradient) {
      model
          .program()
          .call("accumulate")
          .with(found)
          .with(gradient)
          .with(model.leaves())
          .with(model.sums())
          .run();
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
