package io.dil.core.model;

import java.util.List;
import java.util.Map;

/**
 * What a rank without a pass of its own does while others have one: it gives its shares of weights,
 * and takes the sums of its shares of gradients, in the order of {@link DecoderPass}.
 */
final class IdlePass {
  private final DecoderLm model;
  private final ModelSpec spec;
  private final TrainedWeights trained;

  IdlePass(DecoderLm model) {
    this.model = model;
    spec = model.spec();
    trained = model.trained();
  }

  void run(boolean backward) {
    if (model.parts().inParts()) {
      model.parts().embedding().close();
      for (int i = 0; i < spec.layers(); i++) {
        model.parts().layer(i, List.of()).close();
      }
      model.parts().head().close();
    }
    if (backward && trained.shared()) {
      back();
    }
  }

  private void back() {
    if (model.parts().inParts()) {
      model.parts().head().close();
    }
    if (!spec.tied()) {
      trained.reduceNothing(trained.sums("", List.of(spec.head())));
    }
    trained.reduceNothing(trained.sums(spec.finalPrefix(), spec.finalWeights().keySet()));
    for (int i = spec.layers() - 1; i >= model.lowestTrained(); i--) {
      WholeWeights layer = model.parts().layer(i, List.of());
      Map<String, ?> names = layer.arrays();
      trained.reduceNothing(trained.sums(spec.prefix(i), names.keySet()));
      layer.close();
    }
    trained.reduceNothing(trained.sums("", List.of(spec.embedding())));
  }
}
