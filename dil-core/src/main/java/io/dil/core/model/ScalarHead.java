package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import io.dil.core.torch.GradMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@link RewardHead} of a pass: the reward of every response, in fp32. */
final class ScalarHead implements PassHead {
  private final PassScope pass;
  private final NDArray hidden;
  private final double[] rewards;

  ScalarHead(PassScope pass, NDArray hidden) {
    this.pass = pass;
    this.hidden = hidden;
    try (GradMode off = GradMode.off();
        WholeWeights weight = pass.model().parts().head();
        NDArray found =
            pass.model()
                .program()
                .call("rewards")
                .with(hidden)
                .with(weight.single())
                .single(pass.arrays())) {
      rewards = pass.model().kernels().doubles(found);
    }
  }

  @Override
  public double[] scores() {
    return rewards.clone();
  }

  @Override
  public List<float[]> tokenLogProbs() {
    throw new IllegalStateException("a reward model gives a response one number, its tokens none");
  }

  @Override
  public double[] alignments() {
    throw new IllegalStateException("a reward model gives no distributions over its vocabulary");
  }

  @Override
  public NDArray backward(double[] weights, @Nullable NDArray gradient) {
    DecoderLm model = pass.model();
    try (GradMode off = GradMode.off();
        WholeWeights weight = model.parts().head()) {
      return model
          .program()
          .call("rewards_backward")
          .with(hidden)
          .with(weight.single())
          .with(model.kernels().upload(pass.arrays(), weights))
          .with(pass.orEmpty(gradient))
          .single(pass.arrays());
    }
  }
}
