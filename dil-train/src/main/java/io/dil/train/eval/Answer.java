package io.dil.train.eval;

import java.util.List;

/** What a model answered. */
sealed interface Answer {
  /**
   * The log-probability of every choice.
   *
   * @param logLikelihoods sums over a choice's tokens, in natural logarithms
   */
  record Scores(List<Double> logLikelihoods) implements Answer {
    public Scores {
      logLikelihoods = List.copyOf(logLikelihoods);
    }
  }

  /**
   * A written answer.
   *
   * @param text up to the first text that ends it
   */
  record Written(String text) implements Answer {}
}
