package io.dil.data.stream;

import java.util.function.Function;

/**
 * Which rows of a stream this process decodes and tokenises, where several go through the same
 * stream at once. All come to the same rows in the same order; each works on its own, blocks of a
 * file or row groups of a Parquet file in turn, and what became of the others' comes to it in small
 * messages. So the order depends on no number of processes, and neither do drops, duplicates and
 * errors.
 *
 * @param rank of this process, counted from 0
 * @param size the number of processes
 * @param gather gives what every process gave, in order of the ranks; all call it equally often
 * @param hash the {@link ExampleStream#contentHash} of the data where it is known already, else
 *     empty
 */
public record DataShare(int rank, int size, Function<byte[], byte[][]> gather, String hash) {
  /** All rows, for a process that is alone. */
  public static final DataShare ALL = new DataShare(0, 1, own -> new byte[][] {own}, "");

  /** No rows: where they are counted, and their contents do not matter. */
  static final DataShare NONE = new DataShare(-1, 2, own -> new byte[][] {own}, "");

  /** Rows that belong to one process, one after the other: a batch of work. */
  static final int BLOCK = 32;

  /** Returns the same share of data that has another hash. */
  public DataShare ofOtherData() {
    return new DataShare(rank, size, gather, "");
  }

  /** Returns whether there are rows of other processes. */
  boolean isPart() {
    return size > 1;
  }

  /** Returns whether a block of rows, counted from 0, is this process's. */
  public boolean owns(long block) {
    return block % size == rank;
  }

  /** Returns whether the block of a row, counted from 0 in its file, is this process's. */
  boolean ownsRow(long row) {
    return owns(row / BLOCK);
  }
}
