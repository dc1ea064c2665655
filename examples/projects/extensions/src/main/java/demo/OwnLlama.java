package demo;

import io.dil.core.model.ModelConfig;
import io.dil.core.model.ModelFamily;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.llama.Llama;

/** The family {@code own-llama}: a Llama under a name of one's own. */
public final class OwnLlama implements ModelFamily {
  private final Llama llama = new Llama();

  @Override
  public String modelType() {
    return "own-llama";
  }

  @Override
  public String rewardClass() {
    return llama.rewardClass();
  }

  @Override
  public ModelSpec read(ModelConfig config) {
    return llama.read(config);
  }
}
