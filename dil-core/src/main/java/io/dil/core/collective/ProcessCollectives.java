package io.dil.core.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Pointer;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ranks that are processes, each with a device of its own, over a library that moves memory between
 * them: tensors are sent from where they are and received where they belong.
 */
abstract class ProcessCollectives implements Collectives {
  private final NDManager manager;
  private final Kernels kernels;
  private long received;

  ProcessCollectives(Device device) {
    manager = NDManager.newBaseManager(device, "PyTorch");
    kernels = new Kernels(manager);
  }

  /**
   * Adds to {@code sum}, this rank's share, its rows of all ranks' wholes.
   *
   * @param whole this rank's array; null where it adds nothing
   * @param rows of a whole array
   * @param type of the wholes
   * @param gives which ranks add something
   */
  abstract void addShare(
      @Nullable NDArray whole, NDArray sum, long rows, StorageType type, boolean[] gives);

  /** Fills an array of which every rank has its share. */
  abstract void fill(Pointer whole, long rows, long rowBytes);

  /** Replaces memory by that of rank {@code root}. */
  abstract void broadcast(Pointer memory, long bytes, int root);

  /** Sends memory of the device to rank 0. */
  abstract void send(Pointer memory, long bytes);

  /** Receives on rank 0 what {@code from} sends. */
  abstract void receive(Pointer memory, long bytes, int from);

  final Kernels kernels() {
    return kernels;
  }

  final NDManager manager() {
    return manager;
  }

  final Pointer address(NDArray array) {
    return TensorMemory.address(kernels, array);
  }

  final void count(long bytes) {
    received += bytes;
  }

  @Override
  public void barrier() {
    gather(new byte[0]);
  }

  @Override
  public void reduceScatter(List<NDArray> wholes, List<NDArray> sums) {
    byte[][] all = gather(described(wholes));
    boolean[] gives = new boolean[size()];
    byte @Nullable [] one = null;
    for (int r = 0; r < all.length; r++) {
      gives[r] = all[r].length > 0;
      one = gives[r] ? all[r] : one;
    }
    if (one == null) {
      return;
    }
    ByteBuffer described = ByteBuffer.wrap(one);
    StorageType type = StorageType.ofTorch(described.get());
    for (int i = 0; i < sums.size(); i++) {
      NDArray whole = wholes.isEmpty() ? null : wholes.get(i);
      addShare(whole, sums.get(i), described.getLong(), type, gives);
    }
  }

  /** Says of arrays what a rank that has none must know of them: type and rows. */
  private static byte[] described(List<NDArray> wholes) {
    if (wholes.isEmpty()) {
      return new byte[0];
    }
    StorageType type = Kernels.type(wholes.get(0));
    ByteBuffer bytes =
        ByteBuffer.allocate(1 + wholes.size() * Long.BYTES).put((byte) type.torchCode());
    for (NDArray whole : wholes) {
      if (Kernels.type(whole) != type) {
        throw new IllegalArgumentException("arrays that are summed at once must have one type");
      }
      bytes.putLong(whole.getShape().get(0));
    }
    return bytes.array();
  }

  @Override
  public void allGather(List<NDArray> wholes) {
    for (NDArray whole : wholes) {
      long rows = whole.getShape().get(0);
      if (whole.getShape().size() > 0) {
        long rowBytes = rowBytes(whole);
        fill(address(whole), rows, rowBytes);
        count((rows - share(rows).rows()) * rowBytes);
      }
    }
  }

  @Override
  public void allGather(List<NDArray> shares, List<NDArray> wholes) {
    for (int i = 0; i < wholes.size(); i++) {
      RowShare own = share(wholes.get(i).getShape().get(0));
      if (own.rows() > 0) {
        kernels.copyRows(wholes.get(i), own.from(), shares.get(i), 0, own.rows());
      }
    }
    allGather(wholes);
  }

  @Override
  public void allReduce(List<NDArray> arrays) {
    // Shares are summed by their owners and then gathered: the bytes of a ring, and one order.
    for (NDArray array : arrays) {
      RowShare own = share(array.getShape().get(0));
      try (NDArray rows = kernels.rows(manager, array, own.from(), own.rows());
          NDArray total = kernels.zeros(manager, Kernels.shape(rows), Kernels.type(array))) {
        reduceScatter(List.of(array), List.of(total));
        kernels.copy(rows, total);
      }
      allGather(List.of(array));
    }
  }

  @Override
  public void broadcast(List<NDArray> arrays, int root) {
    for (NDArray array : arrays) {
      long bytes = array.getShape().size() * Kernels.elementBytes(array);
      if (bytes > 0) {
        broadcast(address(array), bytes, root);
        count(root == rank() ? 0 : bytes);
      }
    }
  }

  @Override
  public void collect(NDArray share, SafetensorsWriter.Sink sink) throws IOException {
    long rows = share.getShape().get(0);
    byte[][] all = gather(ByteBuffer.allocate(Long.BYTES).putLong(rows).array());
    if (rank() > 0) {
      for (NDArray part : parts(share, rows)) {
        try (part) {
          send(address(part), part.getShape().get(0) * rowBytes(share));
        }
      }
      return;
    }
    kernels.bytes(share, sink);
    for (int r = 1; r < size(); r++) {
      receive(share, ByteBuffer.wrap(all[r]).getLong(), r, sink);
    }
  }

  private void receive(NDArray like, long rows, int from, SafetensorsWriter.Sink sink)
      throws IOException {
    long some = partRows(like);
    List<Long> shape = new ArrayList<>(Kernels.shape(like));
    for (long done = 0; done < rows; done += some) {
      shape.set(0, Math.min(some, rows - done));
      try (NDArray part = kernels.empty(manager, shape, Kernels.type(like))) {
        receive(address(part), shape.get(0) * rowBytes(like), from);
        count(shape.get(0) * rowBytes(like));
        kernels.bytes(part, sink);
      }
    }
  }

  private List<NDArray> parts(NDArray share, long rows) {
    long some = partRows(share);
    List<NDArray> parts = new ArrayList<>();
    for (long done = 0; done < rows; done += some) {
      parts.add(kernels.rows(manager, share, done, Math.min(some, rows - done)));
    }
    return parts;
  }

  /** Returns the rows that go to rank 0 at once. */
  private static long partRows(NDArray array) {
    return Math.max(1, (64L << 20) / Math.max(1, rowBytes(array)));
  }

  static long rowBytes(NDArray array) {
    long elements = 1;
    for (int i = 1; i < array.getShape().dimension(); i++) {
      elements *= array.getShape().get(i);
    }
    return elements * Kernels.elementBytes(array);
  }

  @Override
  public long bytesReceived() {
    return received;
  }

  @Override
  public void close() {
    kernels.close();
    manager.close();
  }
}
