package io.dil.core.collective;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The operations that ranks do together. Every rank calls the same operations in the same order,
 * with arrays of the same shapes; a rank that stops makes the others fail.
 *
 * <p>Sums are taken in order of the ranks, so they have the same bits in every run.
 */
public interface Collectives extends AutoCloseable {
  /** Returns the collectives of a rank that is alone, which do nothing. */
  static Collectives alone() {
    return Alone.INSTANCE;
  }

  /** Returns this rank, counted from 0. */
  int rank();

  /** Returns the number of ranks. */
  int size();

  /** Returns this rank's share of {@code rows}. */
  default RowShare share(long rows) {
    return RowShare.of(rows, rank(), size());
  }

  /** Returns when every rank has called it. */
  void barrier();

  /**
   * Adds to each of {@code sums}, which hold this rank's shares, its rows of every rank's arrays:
   * {@code sums[i] += Σ_r wholes_r[i][share]}, in the type of {@code sums}.
   *
   * @param wholes whole arrays in order; empty for a rank that adds nothing
   */
  void reduceScatter(List<NDArray> wholes, List<NDArray> sums);

  /**
   * Fills {@code wholes}, of which this rank has its own share of rows, with the shares of the
   * others, in place.
   */
  void allGather(List<NDArray> wholes);

  /** Fills {@code wholes} with every rank's {@code shares}. */
  void allGather(List<NDArray> shares, List<NDArray> wholes);

  /** Replaces each of {@code arrays} by its sum over all ranks. */
  void allReduce(List<NDArray> arrays);

  /** Replaces each of {@code arrays} by that of rank {@code root}. */
  void broadcast(List<NDArray> arrays, int root);

  /** Returns what every rank gave, in order of the ranks; lengths may differ. */
  byte[][] gather(byte[] bytes);

  /** As {@link #gather(byte[])} for numbers. */
  default double[][] gather(double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    byte[][] all = gather(bytes.array());
    double[][] numbers = new double[all.length][];
    for (int r = 0; r < all.length; r++) {
      numbers[r] = new double[all[r].length / Double.BYTES];
      ByteBuffer.wrap(all[r]).asDoubleBuffer().get(numbers[r]);
    }
    return numbers;
  }

  /**
   * Hands on rank 0 the bytes of the array that {@code share} is a part of to {@code sink}, a slice
   * at a time; on the others {@code sink} gets none.
   */
  void collect(NDArray share, SafetensorsWriter.Sink sink) throws IOException;

  /** Returns the bytes that this rank has taken from others. */
  long bytesReceived();

  @Override
  void close();
}
