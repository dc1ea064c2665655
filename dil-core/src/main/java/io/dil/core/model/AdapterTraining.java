package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes an adapter's arrays the parameters of its model; all are fp32 masters. */
final class AdapterTraining {
  private final DecoderLm model;

  private AdapterTraining(DecoderLm model) {
    this.model = model;
  }

  /**
   * Makes the matrices parameters, and the adapter's own head.
   *
   * @param head the head of a reward model; null where the adapter has none
   * @param drops whether inputs are dropped, for which their columns are numbered
   * @return the lowest layer that a gradient must reach
   */
  static int begin(DecoderLm model, @Nullable NDArray head, boolean drops) {
    AdapterTraining training = new AdapterTraining(model);
    int lowest = training.matrices(model.changes(), drops);
    if (head != null) {
      training.add(model.spec().head(), model.parts().scalarHead(), head);
    }
    return lowest;
  }

  private int matrices(Map<String, LowRank> changes, boolean drops) {
    ModelSpec spec = model.spec();
    int lowest = spec.layers();
    for (int i = 0; i < spec.layers(); i++) {
      String prefix = spec.prefix(i);
      for (String name : spec.linears().keySet()) {
        LowRank change = changes.get(prefix + name);
        if (change != null) {
          lowest = Math.min(lowest, i);
          matrix(i, name + LowRank.A, change.a());
          matrix(i, name + LowRank.B, change.b());
          if (drops) {
            int inputs = Math.toIntExact(change.a().getShape().get(1));
            int[] columns = Dropout.columns(prefix + name, inputs);
            model.parts().put(i, name + ".lora_columns", model.manager().create(columns));
          }
        }
      }
    }
    return lowest;
  }

  private void matrix(int layer, String name, NDArray master) {
    add(model.spec().prefix(layer) + name, model.parts().extra(layer, name, master), master);
  }

  private void add(String name, NDArray value, NDArray master) {
    model
        .trained()
        .add(name, Kernels.shape(master), value, master, StorageType.F32, StorageType.F32, false);
  }
}
