package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pass makes of the hidden states after the last norm: a number for every response. */
interface PassHead {
  /** Returns the head that a model has, over the hidden states (M, hidden) of a batch. */
  static PassHead of(PassScope pass, NDArray hidden) {
    return pass.model().spec().isReward()
        ? new ScalarHead(pass, hidden)
        : new TokenHead(pass, hidden);
  }

  /** Returns one number a response, see {@link Pass#scores}. */
  double[] scores();

  /** Returns the terms of the scores, see {@link Pass#tokenLogProbs}. */
  List<float[]> tokenLogProbs();

  /** Returns what was thought of the responses' tokens, see {@link Pass#statistics}. */
  default List<TokenStatistics> statistics() {
    throw new IllegalStateException("a reward model has no statistics of tokens");
  }

  /** Returns the mean alignment of each response, see {@link Pass#alignments}. */
  double[] alignments();

  /**
   * Returns the gradient of Σ weights[i] · scores[i] for the hidden states, in their type.
   *
   * @param gradient what the gradient of the head's weight is added to; null if it is not trained
   */
  NDArray backward(double[] weights, @Nullable NDArray gradient);
}
