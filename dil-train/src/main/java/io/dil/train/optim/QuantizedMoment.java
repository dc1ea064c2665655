package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import java.util.List;

/**
 * The moment of a matrix in 8 bits a number: blocks of {@value OptimizerType#BLOCK} numbers of a
 * row are divided by their largest magnitude, which is kept in fp32, and rounded to the nearest of
 * 256 values.
 *
 * <p>Source: Dettmers et al. 2022, <a href="https://arxiv.org/abs/2110.02861">8-bit optimizers via
 * block-wise quantization</a>, section 2. Blocks end with their row, so that they do not depend on
 * how rows are shared among ranks; where a row is a multiple of a block, which it is in almost
 * every model, they are bitsandbytes' own.
 */
final class QuantizedMoment implements Moment {
  /** Smaller parameters keep their moments in fp32, as in bitsandbytes: little is to be gained. */
  private static final long LEAST = 4096;

  private final Kernels kernels;
  private final NDArray codes;
  private final NDArray scales;
  private final NDArray values;
  private final NDArray borders;

  /**
   * Makes a moment of zeros.
   *
   * @param signed whether it may be negative, which decides the 256 values
   */
  QuantizedMoment(NDManager owner, Kernels kernels, Shape shape, boolean signed) {
    this.kernels = kernels;
    float[] map = DynamicMap.values(signed);
    values = owner.create(map);
    borders = owner.create(DynamicMap.borders(map));
    long blocks = (shape.get(1) + OptimizerType.BLOCK - 1) / OptimizerType.BLOCK;
    codes = owner.zeros(shape, DataType.UINT8);
    scales = owner.zeros(new Shape(shape.get(0), blocks), DataType.FLOAT32);
    codes.addi(DynamicMap.zero(map));
  }

  /** Returns whether the moments of a parameter are worth it. */
  static boolean serves(List<Long> shape) {
    return shape.size() == 2 && shape.get(0) * shape.get(1) >= LEAST;
  }

  /** Returns some rows in fp32. */
  NDArray open(NDManager scope, long from, long count) {
    return kernels.dequantized(scope, codes, scales, values, OptimizerType.BLOCK, from, count);
  }

  /** Puts rows back where {@link #open} took them. */
  void close(NDArray rows, long from) {
    kernels.quantize(codes, scales, borders, OptimizerType.BLOCK, from, rows);
  }

  @Override
  public List<Stored> stored() {
    return List.of(
        new Stored("", codes, StorageType.U8), new Stored("_scale", scales, StorageType.F32));
  }
}
