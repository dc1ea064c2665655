package io.dil.core.collective;

/**
 * The rows (entries of the first dimension) of an array that belong to one rank: rank r of n owns
 * {@code [⌊rows·r/n⌋, ⌊rows·(r+1)/n⌋)}. Shares of all ranks, one after the other, are the array.
 *
 * @param from the first row
 * @param rows how many there are; 0 where there are fewer rows than ranks
 */
public record RowShare(long from, long rows) {
  /** Returns the share of a rank. */
  public static RowShare of(long rows, int rank, int size) {
    long from = Math.multiplyExact(rows, rank) / size;
    return new RowShare(from, Math.multiplyExact(rows, rank + 1L) / size - from);
  }
}
