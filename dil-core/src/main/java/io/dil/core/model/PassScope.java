package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What a pass computes in.
 *
 * @param model the model
 * @param batch the sequences
 * @param arrays owns the arrays of the pass
 * @param options how it computes
 */
record PassScope(DecoderLm model, TokenBatch batch, NDManager arrays, ComputeOptions options) {
  /** Returns how large a tile of logits may be. */
  long headBytes() {
    return options.headBytes();
  }

  /** Returns an array of the pass with the given values. */
  NDArray upload(long[] values) {
    return model.kernels().upload(arrays, values);
  }

  /** Returns an array, or in place of none an empty one, which a program can tell apart. */
  NDArray orEmpty(@Nullable NDArray array) {
    return array == null ? arrays.create(new Shape(0)) : array;
  }
}
