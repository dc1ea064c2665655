package io.dil.core.model;

import java.util.List;

/** One forward pass over a batch, which holds what its backward pass needs until it is closed. */
public interface Pass extends AutoCloseable {
  /**
   * Returns log π(y|x) of every response, summed over its tokens, in natural logarithms: responses
   * in the order of their groups. Token terms are fp32, their sum fp64.
   */
  double[] logProbs();

  /**
   * Returns the terms of those sums: log π of every token behind those before it, fp32, one array a
   * response.
   */
  List<float[]> tokenLogProbs();

  /**
   * Adds to every parameter's gradient that of Σ weights[i] · logProbs[i]. It can be called once.
   *
   * @param weights the loss's gradient with respect to each log-probability
   */
  void backward(double[] weights);

  @Override
  void close();
}
