package io.dil.train.reference;

import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import java.util.List;

/**
 * Scores of a model.
 *
 * @param owned whether the model is closed with them
 */
record ModelScores(CausalLm model, ComputeOptions options, boolean owned)
    implements ReferenceScores {
  @Override
  public double[] scores(List<TokenGroup> groups) {
    return model.score(groups, options);
  }

  @Override
  public void accompany() {
    model.accompany(false);
  }

  @Override
  public void close() {
    if (owned) {
      model.close();
    }
  }
}
