package io.dil.core.model;

import ai.djl.ndarray.NDManager;
import io.dil.core.TokenGroup;
import io.dil.core.torch.Kernels;
import java.util.List;

/**
 * A causal language model: log-probabilities of responses, their gradients, and generation; or a
 * reward model with the same layers, which gives rewards of responses and writes no text.
 *
 * <p>A model, with all that shares its weights (an adapter, a pass, a session), is for one thread
 * at a time: a call writes the names of the arrays that it passes, and weights change in place. It
 * may be another thread for every call; modes that torch keeps for each thread are set where the
 * computing happens.
 */
public interface CausalLm extends AutoCloseable {
  /** Returns the number of tokens that the model knows. */
  int vocabSize();

  /** Returns the manager that owns the model's arrays, on the device that it computes on. */
  NDManager manager();

  /** Returns the kernels of that device. */
  Kernels kernels();

  /** Returns one number a response, {@link Pass#scores}, without recording gradients. */
  default double[] score(List<TokenGroup> groups, ComputeOptions options) {
    try (Pass pass = inference(groups, options)) {
      return pass.scores();
    }
  }

  /** Runs a forward pass without recording gradients; it has no backward pass. */
  Pass inference(List<TokenGroup> groups, ComputeOptions options);

  /** Runs a forward pass whose gradient can be taken. */
  Pass forward(List<TokenGroup> groups, ComputeOptions options);

  /** Brings what an optimiser changed in the parameters' masters into the weights. */
  void refresh();

  /**
   * Takes part in a pass of other ranks, which needs this rank's share of what all hold together,
   * without a pass of its own.
   *
   * @param backward whether it is a pass of training, which also goes back
   */
  void accompany(boolean backward);

  /** Returns the weights that are trained; empty for a frozen model. */
  List<Parameter> parameters();

  /** Returns whether this is a language model; a reward model only scores. */
  default boolean writesText() {
    return true;
  }

  /** Opens a session that extends sequences token by token with a key-value cache. */
  DecodingSession decode(int sequences, int maxLength);

  @Override
  void close();
}
