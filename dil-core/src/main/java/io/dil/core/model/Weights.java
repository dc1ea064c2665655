package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.collective.RowShare;
import io.dil.core.torch.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model's weights, by their names in the checkpoint.
 *
 * <p>Where a file holds the type that is wanted, a weight is a view of the mapped file: nothing is
 * read until it is used, and the policy and its reference share what neither has changed. A tied
 * projection is one array under the embedding's name, whichever name, or both, the checkpoint
 * stored it under.
 */
final class Weights {
  private Weights() {}

  /**
   * Loads every weight that {@code spec} names, or this rank's share of it, and refuses a
   * checkpoint that lacks one.
   *
   * @param drawsHead whether one may lack the head of a reward model, which is left out then
   */
  static Map<String, NDArray> load(
      NDManager manager,
      Kernels kernels,
      ModelFolder folder,
      ModelSpec spec,
      Precision precision,
      Sharding sharding,
      boolean hosted,
      boolean drawsHead) {
    MappedTensors tensors = new MappedTensors(manager, kernels);
    Map<String, NDArray> loaded = new LinkedHashMap<>();
    spec.allWeights()
        .forEach(
            (name, shape) -> {
              TensorEntry entry = CheckpointNames.find(folder, spec, name);
              if (entry == null && spec.tied() && name.equals(spec.embedding())) {
                entry = folder.find(spec.head());
              }
              if (entry == null && name.equals(RewardHead.WEIGHT) && drawsHead) {
                return;
              }
              if (entry == null) {
                throw new InputException(
                    folder.path() + ": tensor '" + name + "' is missing from the checkpoint");
              }
              loaded.put(
                  name,
                  tensors.read(
                      folder.files().getOrDefault(entry.name(), folder.path()),
                      entry,
                      shape,
                      "config.json",
                      precision.storage(),
                      share(sharding, spec.isFinal(name), shape),
                      hosted && !spec.isFinal(name)));
            });
    return loaded;
  }

  // What comes after the layers is small, and whole on every rank.
  private static RowShare share(Sharding sharding, boolean last, List<Long> shape) {
    return sharding.ofWeights() && !last
        ? sharding.group().share(shape.get(0))
        : new RowShare(0, shape.get(0));
  }

  /** Returns the weights of {@code names} behind {@code prefix}, by those names. */
  static Map<String, NDArray> named(
      Map<String, NDArray> weights, String prefix, Iterable<String> names) {
    Map<String, NDArray> found = new LinkedHashMap<>();
    for (String name : names) {
      found.put(name, Objects.requireNonNull(weights.get(prefix + name)));
    }
    return found;
  }
}
