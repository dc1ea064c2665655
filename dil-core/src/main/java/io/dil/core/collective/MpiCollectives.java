package io.dil.core.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.sun.jna.Pointer;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ranks that are processes of an MPI job, with tensors in the host's memory.
 *
 * <p>A sum is an exchange of rows and additions in order of the ranks, as between threads ({@link
 * LocalGroup}): the same bits, whatever algorithm the library would choose for a sum of its own. A
 * rank receives (n−1)/n of the array, which is what a ring moves.
 */
public final class MpiCollectives extends ProcessCollectives {
  /** The most bytes that are received before they are added: of all ranks together. */
  private static final long BLOCK = 64L << 20;

  private final Mpi mpi;

  /**
   * Makes the collectives of this process.
   *
   * @param mpi is not closed with them
   */
  public MpiCollectives(Mpi mpi) {
    super(Device.cpu());
    this.mpi = mpi;
  }

  @Override
  public int rank() {
    return mpi.rank();
  }

  @Override
  public int size() {
    return mpi.size();
  }

  @Override
  public byte[][] gather(byte[] bytes) {
    return mpi.gather(bytes);
  }

  @Override
  void addShare(
      @Nullable NDArray whole, NDArray sum, long rows, StorageType type, boolean[] gives) {
    List<Long> shape = new ArrayList<>(Kernels.shape(sum));
    long rowBytes = type.bytes();
    for (long length : shape.subList(1, shape.size())) {
      rowBytes *= length;
    }
    if (rows == 0 || rowBytes == 0) {
      return;
    }
    long own = share(rows).rows();
    long some = Math.max(1, BLOCK / rowBytes / size());
    long most = (rows + size() - 1) / size();
    for (long from = 0; from < most; from += some) {
      long count = Math.max(0, Math.min(some, own - from));
      shape.set(0, Math.max(1, count * size()));
      try (NDArray taken = kernels().empty(manager(), shape, type)) {
        exchange(whole, taken, rows, from, some, rowBytes, gives);
        add(whole, sum, taken, share(rows).from(), from, count, gives);
      }
      for (int r = 0; r < size(); r++) {
        count(gives[r] && r != rank() ? count * rowBytes : 0);
      }
    }
  }

  private void exchange(
      @Nullable NDArray whole,
      NDArray taken,
      long rows,
      long from,
      long some,
      long rowBytes,
      boolean[] gives) {
    int size = size();
    int[] sent = new int[size];
    int[] sentStarts = new int[size];
    int[] received = new int[size];
    int[] receivedStarts = new int[size];
    int own = (int) Math.max(0, Math.min(some, share(rows).rows() - from));
    for (int r = 0; r < size; r++) {
      RowShare theirs = RowShare.of(rows, r, size);
      boolean other = r != rank();
      sent[r] =
          whole == null || !other ? 0 : (int) Math.max(0, Math.min(some, theirs.rows() - from));
      sentStarts[r] = Math.toIntExact(sent[r] == 0 ? 0 : theirs.from() + from);
      received[r] = gives[r] && other ? own : 0;
      receivedStarts[r] = r * own;
    }
    mpi.exchange(
        whole == null ? null : address(whole),
        sent,
        sentStarts,
        address(taken),
        received,
        receivedStarts,
        rowBytes);
  }

  private void add(
      @Nullable NDArray whole,
      NDArray sum,
      NDArray taken,
      long first,
      long from,
      long count,
      boolean[] gives) {
    if (count == 0) {
      return;
    }
    try (NDArray part = kernels().rows(manager(), sum, from, count)) {
      for (int r = 0; r < size(); r++) {
        if (r == rank() && whole != null) {
          kernels().addRows(part, whole, first + from);
        } else if (gives[r]) {
          kernels().addRows(part, taken, r * count);
        }
      }
    }
  }

  @Override
  void fill(Pointer whole, long rows, long rowBytes) {
    int[] counts = new int[size()];
    int[] starts = new int[size()];
    for (int r = 0; r < size(); r++) {
      RowShare share = RowShare.of(rows, r, size());
      counts[r] = Math.toIntExact(share.rows());
      starts[r] = Math.toIntExact(share.from());
    }
    mpi.allGather(whole, counts, starts, rowBytes);
  }

  @Override
  void broadcast(Pointer memory, long bytes, int root) {
    mpi.broadcast(memory, bytes, root);
  }

  @Override
  void send(Pointer memory, long bytes) {
    mpi.send(memory, bytes, 0);
  }

  @Override
  void receive(Pointer memory, long bytes, int from) {
    mpi.receive(memory, bytes, from);
  }
}
