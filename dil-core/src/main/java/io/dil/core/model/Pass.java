package io.dil.core.model;

import java.util.List;

/** One forward pass over a batch, which holds what its backward pass needs until it is closed. */
public interface Pass extends AutoCloseable {
  /**
   * Returns one number a response, in the order of their groups: of a language model log π(y|x),
   * summed over the response's tokens, in natural logarithms (token terms are fp32, their sum
   * fp64); of a reward model the reward r(x, y), fp32.
   */
  double[] scores();

  /**
   * Returns the terms of those sums: log π of every token behind those before it, fp32, one array a
   * response.
   *
   * @throws IllegalStateException if the model is a reward model
   */
  List<float[]> tokenLogProbs();

  /**
   * Returns what the model thought of every response's tokens, one a response; they are there where
   * {@link ComputeOptions#statistics} asked for them.
   *
   * @throws IllegalStateException if they were not asked for, or this kind of model has none
   */
  default List<TokenStatistics> statistics() {
    throw new IllegalStateException("this pass has no statistics of tokens");
  }

  /**
   * Returns for every response the mean over its scored tokens of log π(t) − log Σ_v π(v)², v over
   * the vocabulary: above 0 where tokens are likelier than draws from the model are on average.
   *
   * @throws IllegalStateException if the model cannot say
   */
  default double[] alignments() {
    throw new IllegalStateException("this model gives no distributions over its vocabulary");
  }

  /**
   * Adds to every parameter's gradient that of Σ weights[i] · scores[i]. It can be called once.
   *
   * @param weights the loss's gradient with respect to each score
   */
  void backward(double[] weights);

  @Override
  void close();
}
