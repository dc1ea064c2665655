package io.dil.core.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.util.List;

/**
 * Ranks that are threads of one JVM, each with a device of its own.
 *
 * <p>A rank takes what it needs straight from the others' arrays: on GPUs a copy from card to card,
 * queued on both cards' streams, so that no thread waits for a card. What goes over the wires is
 * what a ring moves, (n−1)/n of the arrays into each rank, in one hop instead of n−1. Threads wait
 * for each other twice in an operation: until all have come, and until none reads any more.
 */
public final class LocalGroup {
  private final Meeting meeting;
  private final int size;

  /** Makes a group of {@code size} ranks, each of which must {@link #join}. */
  public LocalGroup(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a group must have a rank at least, got " + size);
    }
    this.size = size;
    meeting = new Meeting(size);
  }

  /** Makes this thread a rank; it closes what it gets. */
  public Collectives join(int rank, Device device) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank must be in [0, " + size + "), got " + rank);
    }
    return size == 1 ? Collectives.alone() : new Rank(rank, device);
  }

  /** Makes all ranks fail with {@code cause}: those that wait, and those that come later. */
  public void fail(Throwable cause) {
    meeting.fail(cause);
  }

  /** Lets ranks meet again after they failed; none may be within an operation. */
  public void renew() {
    meeting.renew();
  }

  private final class Rank implements Collectives {
    private final int rank;
    private final NDManager manager;
    private final Kernels kernels;
    private long received;

    Rank(int rank, Device device) {
      this.rank = rank;
      manager = NDManager.newBaseManager(device, "PyTorch");
      kernels = new Kernels(manager);
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public void barrier() {
      meeting.await();
    }

    @Override
    public void reduceScatter(List<NDArray> wholes, List<NDArray> sums) {
      List<List<NDArray>> all = show(wholes);
      for (int r = 0; r < size; r++) {
        for (int i = 0; i < all.get(r).size(); i++) {
          NDArray whole = all.get(r).get(i);
          NDArray sum = sums.get(i);
          kernels.addRows(sum, whole, share(whole.getShape().get(0)).from());
          count(r, sum, whole);
        }
      }
      meeting.await();
    }

    @Override
    public void allGather(List<NDArray> wholes) {
      List<List<NDArray>> all = show(wholes);
      for (int r = 0; r < size; r++) {
        for (int i = 0; i < wholes.size() && r != rank; i++) {
          NDArray whole = wholes.get(i);
          RowShare theirs = RowShare.of(whole.getShape().get(0), r, size);
          if (theirs.rows() > 0) {
            kernels.copyRows(whole, theirs.from(), all.get(r).get(i), theirs.from(), theirs.rows());
            received += theirs.rows() * rowBytes(whole);
          }
        }
      }
      meeting.await();
    }

    @Override
    public void allGather(List<NDArray> shares, List<NDArray> wholes) {
      List<List<NDArray>> all = show(shares);
      for (int r = 0; r < size; r++) {
        for (int i = 0; i < wholes.size(); i++) {
          NDArray whole = wholes.get(i);
          RowShare theirs = RowShare.of(whole.getShape().get(0), r, size);
          if (theirs.rows() > 0) {
            kernels.copyRows(whole, theirs.from(), all.get(r).get(i), 0, theirs.rows());
            received += r == rank ? 0 : theirs.rows() * rowBytes(whole);
          }
        }
      }
      meeting.await();
    }

    @Override
    public void allReduce(List<NDArray> arrays) {
      // Shares are summed by their owners and then gathered: the bytes of a ring, and one order.
      for (NDArray array : arrays) {
        RowShare own = share(array.getShape().get(0));
        List<List<NDArray>> all = show(List.of(array));
        try (NDArray sum = kernels.rows(manager, array, own.from(), own.rows())) {
          NDArray total = sum.zerosLike();
          try (total) {
            for (int r = 0; r < size; r++) {
              kernels.addRows(total, all.get(r).get(0), own.from());
              count(r, total, array);
            }
            meeting.await();
            kernels.copy(sum, total);
          }
        }
        allGather(List.of(array));
      }
    }

    @Override
    public void broadcast(List<NDArray> arrays, int root) {
      List<List<NDArray>> all = show(arrays);
      for (int i = 0; i < arrays.size() && root != rank; i++) {
        kernels.copy(arrays.get(i), all.get(root).get(i));
        count(root, arrays.get(i), arrays.get(i));
      }
      meeting.await();
    }

    @Override
    public byte[][] gather(byte[] bytes) {
      byte[][] all =
          meeting.show(rank, bytes.clone()).stream().map(byte[].class::cast).toArray(byte[][]::new);
      meeting.await();
      return all;
    }

    @Override
    public void collect(NDArray share, SafetensorsWriter.Sink sink) throws IOException {
      List<List<NDArray>> all = show(List.of(share));
      for (int r = 0; r < size && rank == 0; r++) {
        kernels.bytes(all.get(r).get(0), sink);
      }
      meeting.await();
    }

    @Override
    public long bytesReceived() {
      return received;
    }

    private void count(int from, NDArray share, NDArray whole) {
      if (from != rank && share.getShape().dimension() > 0) {
        received += share.getShape().get(0) * rowBytes(whole);
      }
    }

    private long rowBytes(NDArray whole) {
      long rows = whole.getShape().get(0);
      return rows == 0 ? 0 : whole.getShape().size() / rows * Kernels.elementBytes(whole);
    }

    @SuppressWarnings("unchecked") // Ranks show lists of arrays in every operation that calls this.
    private List<List<NDArray>> show(List<NDArray> arrays) {
      return meeting.show(rank, arrays).stream().map(one -> (List<NDArray>) one).toList();
    }

    @Override
    public void close() {
      kernels.close();
      manager.close();
    }
  }
}
