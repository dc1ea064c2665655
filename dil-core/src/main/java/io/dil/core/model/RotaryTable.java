package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import java.util.Arrays;
import java.util.stream.LongStream;

/** The cosines and sines of one rotary embedding on one device, in fp32. */
final class RotaryTable {
  private final RotarySpec spec;
  private final NDManager manager;
  private final Kernels kernels;
  private final TorchProgram program;
  private NDManager owned;
  private NDArray cos;
  private NDArray sin;
  private int positionsHeld;

  RotaryTable(RotarySpec spec, NDManager manager, Kernels kernels, TorchProgram program) {
    this.kernels = kernels;
    this.spec = spec;
    this.manager = manager;
    this.program = program;
    owned = manager.newSubManager();
    cos = owned.create(new Shape(0));
    sin = owned.create(new Shape(0));
  }

  /**
   * Returns {@code {cos, sin}}, each (N, r), in {@code type}.
   *
   * @param positions where each token stands (N)
   * @param lengths the length of each token's sequence (N)
   */
  NDArray[] rows(NDManager owner, long[] positions, long[] lengths, StorageType type) {
    if (spec.beyond() != null) {
      // The angles depend on lengths: a table for each would be larger than the rows themselves.
      float[][] rows = spec.rows(positions, lengths);
      Shape shape = new Shape(positions.length, 2L * spec.inverseFrequencies().length);
      try (NDManager scope = owner.newSubManager()) {
        NDArray all = kernels.upload(scope, LongStream.range(0, positions.length).toArray());
        return new NDArray[] {
          pick(owner, kernels.upload(scope, rows[0], shape), all, type),
          pick(owner, kernels.upload(scope, rows[1], shape), all, type)
        };
      }
    }
    hold((int) Arrays.stream(positions).max().orElse(0));
    try (NDArray index = kernels.upload(owner, positions)) {
      return new NDArray[] {pick(owner, cos, index, type), pick(owner, sin, index, type)};
    }
  }

  private NDArray pick(NDManager owner, NDArray table, NDArray index, StorageType type) {
    return program.call("rows").with(table).with(index).with((long) type.torchCode()).single(owner);
  }

  private void hold(int maxPosition) {
    if (maxPosition < positionsHeld) {
      return;
    }
    // Tables grow by doubling, so that long contexts cost nothing until they occur.
    int wanted = Math.max(256, Integer.highestOneBit(maxPosition) * 2);
    float[][] rows = spec.rows(LongStream.range(0, wanted).toArray(), new long[wanted]);
    owned.close();
    owned = manager.newSubManager();
    Shape shape = new Shape(wanted, rows[0].length / wanted);
    cos = owned.create(rows[0], shape);
    sin = owned.create(rows[1], shape);
    positionsHeld = wanted;
  }
}
