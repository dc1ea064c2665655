package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.collective.RowShare;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads tensors of safetensors files. A tensor of the type that is wanted is a view of its mapped
 * file, which is never written to: pages that change are copied first.
 */
public final class MappedTensors {
  private final NDManager manager;
  private final Kernels kernels;
  private final Map<String, NDArray> maps = new HashMap<>();

  /** Makes a reader whose arrays, and the maps under them, belong to {@code manager}. */
  public MappedTensors(NDManager manager, Kernels kernels) {
    this.manager = manager;
    this.kernels = kernels;
  }

  /**
   * Returns a tensor in the given type.
   *
   * @param shape what it must have
   * @param asker the file that asks for that shape, for the message
   * @throws InputException if it has another shape, or holds no floating-point numbers
   */
  public NDArray read(
      Path file, TensorEntry entry, List<Long> shape, String asker, StorageType type) {
    return read(
        file,
        entry,
        shape,
        asker,
        type,
        new RowShare(0, shape.isEmpty() ? 1 : shape.get(0)),
        false);
  }

  /**
   * Returns some rows of a tensor; the rest as for {@link #read}.
   *
   * @param hosted whether it stays in the host's memory
   */
  NDArray read(
      Path file,
      TensorEntry entry,
      List<Long> shape,
      String asker,
      StorageType type,
      RowShare share,
      boolean hosted) {
    if (!entry.type().isFloat()) {
      throw new InputException(
          file
              + ": tensor '"
              + entry.name()
              + "' must hold floating-point numbers, got "
              + entry.type());
    }
    try (NDArray view = view(file, entry, shape, asker, share)) {
      return hosted ? kernels.hosted(manager, view, type) : kernels.cast(manager, view, type);
    }
  }

  /**
   * Returns some rows of a tensor as a view of the mapped file, in the host's memory and in the
   * type that it has there; the rest as for {@link #read}.
   */
  public NDArray view(
      Path file, TensorEntry entry, List<Long> shape, String asker, RowShare share) {
    NDArray whole = view(file, entry, shape, asker);
    if (shape.isEmpty() || share.rows() == shape.get(0)) {
      return whole;
    }
    try (whole) {
      return kernels.rows(manager, whole, share.from(), share.rows());
    }
  }

  private NDArray view(Path file, TensorEntry entry, List<Long> shape, String asker) {
    String where = file + ": tensor '" + entry.name() + "'";
    if (!entry.shape().equals(shape)) {
      throw new InputException(
          where
              + " must have the shape "
              + shape
              + " that "
              + asker
              + " asks for, got "
              + entry.shape());
    }
    if (entry.begin() % entry.type().bytes() != 0) {
      throw new InputException(
          where
              + " must begin at a multiple of its element size, got byte "
              + entry.begin()
              + "; save it again with a current safetensors");
    }
    NDArray map = maps.computeIfAbsent(file + " " + entry.type(), key -> map(file, entry.type()));
    return kernels.view(manager, map, entry);
  }

  private NDArray map(Path file, StorageType stored) {
    try {
      return kernels.mapFile(manager, file, stored, Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
