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
 * Ranks that are processes with a card each, over NCCL. Parts of equal size go by its collectives,
 * others by a group of calls with a root each, as torch does it.
 *
 * <p>NCCL chooses the order of its sums by the cards and wires that there are, so a run repeats bit
 * for bit on the same cluster alone. What ranks must know beside the numbers goes over a {@link
 * HostLink}.
 */
public final class NcclCollectives extends ProcessCollectives {
  private final Nccl nccl;
  private final HostLink link;

  /**
   * Begins on all ranks at once.
   *
   * @param link is not closed with them
   */
  public NcclCollectives(Nccl nccl, HostLink link, Device device) {
    super(device);
    this.nccl = nccl;
    this.link = link;
    Nccl.setDevice(device.getDeviceId());
    byte[][] ids = link.gather(link.rank() == 0 ? nccl.newId() : new byte[0]);
    nccl.begin(ids[0], link.rank(), link.size());
  }

  @Override
  public int rank() {
    return link.rank();
  }

  @Override
  public int size() {
    return link.size();
  }

  @Override
  public byte[][] gather(byte[] bytes) {
    return link.gather(bytes);
  }

  @Override
  void addShare(
      @Nullable NDArray whole, NDArray sum, long rows, StorageType type, boolean[] gives) {
    long row = 1;
    List<Long> shape = new ArrayList<>(Kernels.shape(sum));
    for (long length : shape.subList(1, shape.size())) {
      row *= length;
    }
    if (rows == 0 || row == 0) {
      return;
    }
    if (whole == null) {
      // All take part in a sum of NCCL's.
      shape.set(0, rows);
      try (NDArray nothing = kernels().zeros(manager(), shape, type)) {
        add(nothing, sum, rows, row, type);
      }
    } else {
      add(whole, sum, rows, row, type);
    }
  }

  private void add(NDArray whole, NDArray sum, long rows, long row, StorageType type) {
    List<Long> shape = new ArrayList<>(Kernels.shape(sum));
    long own = shape.get(0);
    shape.set(0, Math.max(1, own));
    try (NDArray taken = kernels().empty(manager(), shape, type)) {
      Pointer from = address(whole);
      Pointer to = address(taken);
      if (rows % size() == 0) {
        nccl.reduceScatter(from, to, own * row, type);
      } else {
        nccl.group(
            () -> {
              for (int r = 0; r < size(); r++) {
                RowShare share = RowShare.of(rows, r, size());
                if (share.rows() > 0) {
                  Pointer part = from.share(share.from() * row * type.bytes());
                  nccl.reduce(part, to, share.rows() * row, type, r);
                }
              }
            });
      }
      if (own > 0) {
        kernels().addRows(sum, taken, 0);
        count((size() - 1) * own * row * type.bytes());
      }
    }
  }

  @Override
  void fill(Pointer whole, long rows, long rowBytes) {
    if (rows % size() == 0) {
      long bytes = rows / size() * rowBytes;
      nccl.allGather(whole.share(rank() * bytes), whole, bytes);
      return;
    }
    nccl.group(
        () -> {
          for (int r = 0; r < size(); r++) {
            RowShare share = RowShare.of(rows, r, size());
            if (share.rows() > 0) {
              nccl.broadcast(whole.share(share.from() * rowBytes), share.rows() * rowBytes, r);
            }
          }
        });
  }

  @Override
  void broadcast(Pointer memory, long bytes, int root) {
    nccl.broadcast(memory, bytes, root);
  }

  @Override
  void send(Pointer memory, long bytes) {
    nccl.send(memory, bytes, 0);
  }

  @Override
  void receive(Pointer memory, long bytes, int from) {
    nccl.receive(memory, bytes, from);
  }

  @Override
  public void close() {
    nccl.end();
    super.close();
  }
}
