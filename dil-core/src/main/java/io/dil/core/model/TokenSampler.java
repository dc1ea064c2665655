package io.dil.core.model;

import io.dil.core.InputException;
import java.util.BitSet;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/** Chooses the next token from logits as {@link GenerationOptions} say. */
final class TokenSampler {
  private final GenerationOptions options;
  private final RandomGenerator random;

  TokenSampler(GenerationOptions options, RandomGenerator random) {
    this.options = options;
    this.random = random;
  }

  /**
   * Returns a token.
   *
   * @param logits (V); changed by the call
   * @param seen the tokens that stand in the sequence
   * @throws InputException if a logit is not a number
   */
  int next(float[] logits, BitSet seen) {
    if (options.repetitionPenalty() != 1) {
      seen.stream()
          .forEach(
              id ->
                  logits[id] *=
                      (float)
                          (logits[id] > 0
                              ? 1 / options.repetitionPenalty()
                              : options.repetitionPenalty()));
    }
    for (float logit : logits) {
      // Minus infinity forbids a token; what else is not finite is no model's.
      if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
        throw new InputException(
            "logits must be finite, got " + logit + "; the model's weights may not be");
      }
    }
    if (options.temperature() == 0) {
      return likeliest(logits);
    }
    int kept = options.topK() > 0 ? Math.min(options.topK(), logits.length) : logits.length;
    boolean filtered = kept < logits.length || options.topP() < 1;
    int[] order = filtered ? ranked(logits, kept) : identity(logits.length);
    double max = logits[likeliest(logits)];
    double[] mass = new double[order.length];
    double total = 0;
    for (int i = 0; i < order.length; i++) {
      mass[i] = Math.exp((logits[order[i]] - max) / options.temperature());
      total += mass[i];
    }
    int end = order.length;
    if (options.topP() < 1) {
      double reached = 0;
      for (end = 0; end < order.length && reached < options.topP() * total; end++) {
        reached += mass[end];
      }
      total = reached;
    }
    double draw = random.nextDouble() * total;
    for (int i = 0; i < end - 1; i++) {
      draw -= mass[i];
      if (draw < 0) {
        return order[i];
      }
    }
    return order[end - 1];
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Returns the {@code count} likeliest tokens, likeliest first. */
  private static int[] ranked(float[] logits, int count) {
    PriorityQueue<Integer> top = new PriorityQueue<>((a, b) -> Float.compare(logits[a], logits[b]));
    for (int i = 0; i < logits.length; i++) {
      if (top.size() < count) {
        top.add(i);
      } else if (logits[i] > logits[top.element()]) {
        top.remove();
        top.add(i);
      }
    }
    int[] order = new int[top.size()];
    for (int i = order.length - 1; i >= 0; i--) {
      order[i] = top.remove();
    }
    return order;
  }

  private static int[] identity(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    return order;
  }
}
