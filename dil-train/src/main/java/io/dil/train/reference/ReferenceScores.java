package io.dil.train.reference;

import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where the log-probabilities under the reference come from. */
@FunctionalInterface
public interface ReferenceScores extends AutoCloseable {
  /** Returns log π_ref(y|x) of every response, summed over its tokens. */
  double[] scores(List<TokenGroup> groups);

  /** Takes part in scores of other ranks, without groups of its own. */
  default void accompany() {}

  /** Hears that a step was taken; a reference that moves with the policy may move then. */
  default void stepped(long step, CausalLm policy) {}

  /** Writes what a checkpoint must hold of the reference: nothing, where it never moves. */
  default void save(Path checkpoint) throws IOException {}

  /** Returns the scores of a model that somebody else closes. */
  static ReferenceScores of(CausalLm model, ComputeOptions options) {
    return new ModelScores(model, options, false);
  }

  /** Returns the scores of a frozen model, which is closed with them. */
  static ReferenceScores frozen(CausalLm model, ComputeOptions options) {
    return new ModelScores(model, options, true);
  }

  @Override
  default void close() {}
}
