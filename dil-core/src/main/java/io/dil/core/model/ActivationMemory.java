package io.dil.core.model;

import ai.djl.Device;
import io.dil.core.torch.FreeMemory;
import java.util.List;

/** Estimates what a pass that keeps its activations needs. */
final class ActivationMemory {
  /** The share of the free memory that activations may take. */
  private static final double SHARE = 0.5;

  /**
   * Norms, residuals and the products inside of gates, beside what goes into and out of linears.
   */
  private static final int HIDDEN_COPIES = 8;

  private ActivationMemory() {}

  /** Returns whether a pass over {@code tokens} should compute its activations again. */
  static boolean recompute(
      Recompute wish,
      ModelSpec spec,
      Precision precision,
      boolean dropout,
      long tokens,
      Device device) {
    return switch (wish) {
      case NEVER -> false;
      case ALWAYS -> true;
      case AUTO -> bytes(spec, precision, dropout, tokens) > SHARE * FreeMemory.bytes(device);
    };
  }

  /**
   * Returns the bytes of all layers' activations: what each linear reads and writes, what its
   * adapter reads where dropout makes that another thing, and the rest.
   */
  static long bytes(ModelSpec spec, Precision precision, boolean dropout, long tokens) {
    long perToken = (long) HIDDEN_COPIES * spec.hiddenSize();
    for (List<Long> shape : spec.layerWeights().values()) {
      if (shape.size() == 2) {
        perToken += shape.get(0) + (dropout ? 2 : 1) * shape.get(1);
      }
    }
    return perToken * spec.layers() * tokens * precision.storage().bytes();
  }
}
