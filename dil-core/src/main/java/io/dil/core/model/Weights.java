package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's weights, by their names in the checkpoint.
 *
 * <p>Where a file holds the type that is wanted, a weight is a view of the mapped file: nothing is
 * read until it is used, and the policy and its reference share what neither has changed. A tied
 * projection is one array under the embedding's name, whichever name, or both, the checkpoint
 * stored it under.
 */
final class Weights {
  private final NDManager manager;
  private final Kernels kernels;
  private final StorageType type;
  private final Map<String, NDArray> maps = new HashMap<>();

  private Weights(NDManager manager, Kernels kernels, StorageType type) {
    this.manager = manager;
    this.kernels = kernels;
    this.type = type;
  }

  /** Loads every weight that {@code spec} names, and refuses a checkpoint that lacks one. */
  static Map<String, NDArray> load(
      NDManager manager, Kernels kernels, ModelFolder folder, ModelSpec spec, Precision precision) {
    Weights weights = new Weights(manager, kernels, precision.storage());
    Map<String, NDArray> loaded = new LinkedHashMap<>();
    spec.allWeights()
        .forEach(
            (name, shape) -> {
              TensorEntry entry = folder.find(name);
              if (entry == null && spec.tied() && name.equals(spec.embedding())) {
                entry = folder.find(spec.head());
              }
              if (entry == null) {
                throw new InputException(
                    folder.path() + ": tensor '" + name + "' is missing from the checkpoint");
              }
              loaded.put(name, weights.read(folder, entry, shape));
            });
    return loaded;
  }

  private NDArray read(ModelFolder folder, TensorEntry entry, List<Long> shape) {
    Path file = folder.files().getOrDefault(entry.name(), folder.path());
    if (!entry.shape().equals(shape)) {
      throw new InputException(
          file
              + ": tensor '"
              + entry.name()
              + "' must have the shape "
              + shape
              + " that config.json asks for, got "
              + entry.shape());
    }
    if (!entry.type().isFloat()) {
      throw new InputException(
          file
              + ": tensor '"
              + entry.name()
              + "' must hold floating-point numbers, got "
              + entry.type());
    }
    if (entry.begin() % entry.type().bytes() != 0) {
      throw new InputException(
          file
              + ": tensor '"
              + entry.name()
              + "' must begin at a multiple of its element size, got byte "
              + entry.begin()
              + "; save it again with a current safetensors");
    }
    NDArray map = maps.computeIfAbsent(file + " " + entry.type(), key -> map(file, entry.type()));
    NDArray view = kernels.view(manager, map, entry);
    NDArray cast = kernels.cast(manager, view, type);
    if (entry.type() != type) {
      view.close();
    }
    return cast;
  }

  private NDArray map(Path file, StorageType stored) {
    try {
      return kernels.mapFile(manager, file, stored, Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
