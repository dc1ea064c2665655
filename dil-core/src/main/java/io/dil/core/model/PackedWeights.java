package io.dil.core.model;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.util.List;
import java.util.Map;

/**
 * Weights of linears laid out anew for products of few rows, as decoding takes them: on a processor
 * torch's own product lays a weight out again in every call, which takes as long as the product.
 *
 * <p>They are copies, so they are made for fp32 on a processor alone, and for models of at most
 * {@value #MOST_BYTES} bytes: a rule that asked how much memory is free would round differently
 * from run to run. Products differ from torch's own by rounding.
 */
final class PackedWeights {
  /** What the head's weight is called in the program. */
  static final String HEAD = "head";

  /** The most bytes that are copied. */
  private static final long MOST_BYTES = 4L << 30;

  private static final boolean AVAILABLE = probe();

  private PackedWeights() {}

  /**
   * Returns the methods that pack and multiply; without oneDNN in torch, or where products must
   * round as torch's own, those that leave weights as they are.
   */
  static String program(boolean asTorch) {
    boolean packs = AVAILABLE && !asTorch;
    return TorchProgram.resource(PackedWeights.class, packs ? "packed.py" : "unpacked.py");
  }

  /** Returns whether torch packs weights here. */
  static boolean available() {
    return AVAILABLE;
  }

  private static boolean probe() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        GradMode off = GradMode.off();
        TorchProgram program =
            TorchProgram.compile(
                manager,
                TorchProgram.resource(PackedWeights.class, "packed.py"),
                Map.of("training", false))) {
      program.call("pack").with(manager.ones(new Shape(2, 2))).single(manager);
      return true;
    } catch (EngineException e) {
      // Torch was built without oneDNN.
      return false;
    }
  }

  /**
   * Packs a model's linears, where that is worth it.
   *
   * @param owner the manager that the copies attach to
   * @param layers takes those of each layer, by the names that its program reads
   * @return the head's, by the name that the program reads; empty where nothing is packed
   */
  static Map<String, NDArray> add(
      DecoderLm model, NDManager owner, List<Map<String, NDArray>> layers) {
    if (!model.parts().canBePacked() || bytes(model.spec()) > MOST_BYTES) {
      return Map.of();
    }
    try (GradMode off = GradMode.off()) {
      for (int i = 0; i < layers.size(); i++) {
        try (WholeWeights weights = model.parts().layer(i, List.of())) {
          for (String name : model.spec().linears().keySet()) {
            NDArray weight = weights.arrays().get(name + ".weight");
            if (weight != null) {
              layers.get(i).put(name + ".packed", pack(model, owner, weight));
            }
          }
        }
      }
      try (WholeWeights head = model.parts().head()) {
        return Map.of(HEAD + ".packed", pack(model, owner, head.single()));
      }
    }
  }

  private static NDArray pack(DecoderLm model, NDManager owner, NDArray weight) {
    return model.program().call("pack").with(weight).single(owner);
  }

  private static long bytes(ModelSpec spec) {
    return 4 * (spec.layers() * spec.linearWeights() + spec.weightsOfTable());
  }
}
