package io.dil.core.checkpoint;

import java.util.List;

/**
 * Where one tensor lies in a safetensors file.
 *
 * @param name the tensor's name
 * @param type its element type
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param begin its first byte, counted from the beginning of the file
 * @param end the byte after its last
 */
public record TensorEntry(String name, StorageType type, List<Long> shape, long begin, long end) {
  /** Copies the shape. */
  public TensorEntry {
    shape = List.copyOf(shape);
  }

  /** Returns the number of elements. */
  public long size() {
    return (end - begin) / type.bytes();
  }
}
