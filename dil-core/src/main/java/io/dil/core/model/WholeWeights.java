package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a part of a model computes with, whole until it is closed.
 *
 * @param arrays by their names in the program
 * @param scope owns what was brought together from several ranks; null where nothing was
 */
record WholeWeights(Map<String, NDArray> arrays, @Nullable NDManager scope)
    implements AutoCloseable {
  /** Returns the array of a part that has one. */
  NDArray single() {
    return arrays.values().iterator().next();
  }

  @Override
  public void close() {
    if (scope != null) {
      scope.close();
    }
  }
}
