package io.dil.core.model;

import io.dil.core.TokenGroup;
import java.util.List;

/** A causal language model: log-probabilities of responses, their gradients, and generation. */
public interface CausalLm extends AutoCloseable {
  /** Returns what the model's configuration says. */
  ModelSpec spec();

  /**
   * Returns log π(y|x) of every response, summed over its tokens, in natural logarithms, without
   * recording gradients.
   */
  double[] score(List<TokenGroup> groups, ComputeOptions options);

  /** Runs a forward pass whose gradient can be taken. */
  Pass forward(List<TokenGroup> groups, ComputeOptions options);

  /** Returns the weights that are trained; empty for a frozen model. */
  List<Parameter> parameters();

  /** Opens a session that extends sequences token by token with a key-value cache. */
  DecodingSession decode(int sequences, int maxLength);

  @Override
  void close();
}
