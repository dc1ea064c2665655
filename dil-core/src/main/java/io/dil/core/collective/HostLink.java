package io.dil.core.collective;

/**
 * Small messages between the processes of a run, and their common end. What is moved with tensors
 * goes through {@link Collectives}.
 */
public interface HostLink extends AutoCloseable {
  /** Returns this process's rank, counted from 0. */
  int rank();

  /** Returns the number of ranks. */
  int size();

  /** Returns what the messages go over, with its version, on one line. */
  String name();

  /** Returns what every rank gave, in order of the ranks; lengths may differ. */
  byte[][] gather(byte[] own);

  /** Ends all ranks at once, this one included; does not return. */
  void abort(int status);

  /** Leaves the others; all ranks must. */
  @Override
  void close();
}
