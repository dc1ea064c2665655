package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.StorageType;
import java.util.List;

/**
 * A running mean that the optimiser keeps of one parameter, in whatever form it takes. All of its
 * arrays have the parameter's rows, so that a rank holds its share of each.
 */
public interface Moment {
  /**
   * An array that a checkpoint holds.
   *
   * @param suffix what follows the moment's name in the array's name
   * @param array the array
   * @param type its type
   */
  record Stored(String suffix, NDArray array, StorageType type) {}

  /** Returns the arrays, which are written as they are and copied back into. */
  List<Stored> stored();

  /**
   * A moment in the type of the master.
   *
   * @param array of the parameter's shape
   * @param type its type
   */
  record Plain(NDArray array, StorageType type) implements Moment {
    @Override
    public List<Stored> stored() {
      return List.of(new Stored("", array, type));
    }
  }
}
