package io.dil.core.model.traced;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.OncePass;
import io.dil.core.model.Recompute;
import io.dil.core.torch.GradMode;
import java.util.ArrayList;
import java.util.List;

/*
 * One pass, sequence by sequence. The gradient of a log-probability with respect to the logits is known, so
 * autograd begins at the logits and ends at the module's weights; a sequence's graph is freed in its turn.
 */
final class TracedPass extends OncePass {
  private final TracedLm model;
  private final long chunk;
  private final NDManager scope;
  private final List<Sequence> sequences = new ArrayList<>();
  // Empty where they are computed again.
  private final List<NDArray> logits = new ArrayList<>();
  private final List<float[]> tokenLogProbs = new ArrayList<>();

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
    super(train);
    this.model = model;
    chunk = options.headRows(model.vocabSize());
    for (TokenGroup group : groups) {
      if (!group.skipped().isEmpty()) {
        throw new InputException(
            "a traced model must learn every token of a response, got assistant_only_loss");
      }
      group
          .responses()
          .forEach(
              response ->
                  sequences.add(
                      new Sequence(group.prompt(), response.requireBelow(model.vocabSize()))));
    }
    boolean keep = train && options.recompute() != Recompute.ALWAYS;
    scope = model.manager().newSubManager();
    try (GradMode mode = keep ? GradMode.on() : GradMode.off()) {
      for (Sequence sequence : sequences) {
        NDArray found = model.logits(scope, sequence.inputs());
        tokenLogProbs.add(terms(sequence, found));
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

  private float[] terms(Sequence sequence, NDArray found) {
    try (GradMode off = GradMode.off();
        NDArray targets = scope.create(sequence.targets());
        NDArray terms =
            model
                .program()
                .call("token_log_probs")
                .with(found)
                .with(sequence.firstRow())
                .with(targets)
                .with(chunk)
                .single(scope)) {
      return model.kernels().floats(terms);
    }
  }

  @Override
  public double[] scores() {
    return tokenLogProbs.stream().mapToDouble(TracedPass::sum).toArray();
  }

  private static double sum(float[] terms) {
    double sum = 0;
    for (float term : terms) {
      sum += term;
    }
    return sum;
  }

  @Override
  public List<float[]> tokenLogProbs() {
    return List.copyOf(tokenLogProbs);
  }

  @Override
  protected void push(double[] weights) {
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
