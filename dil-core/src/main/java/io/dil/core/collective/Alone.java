package io.dil.core.collective;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.SafetensorsWriter;
import java.util.List;

/** One rank has everything already. What would sum or collect is never asked of it. */
final class Alone implements Collectives {
  static final Alone INSTANCE = new Alone();

  private Alone() {}

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void barrier() {}

  @Override
  public void reduceScatter(List<NDArray> wholes, List<NDArray> sums) {
    throw new UnsupportedOperationException("a rank that is alone adds to its sums itself");
  }

  @Override
  public void allGather(List<NDArray> wholes) {}

  @Override
  public void allGather(List<NDArray> shares, List<NDArray> wholes) {
    throw new UnsupportedOperationException("a rank that is alone holds no shares");
  }

  @Override
  public void allReduce(List<NDArray> arrays) {}

  @Override
  public void broadcast(List<NDArray> arrays, int root) {}

  @Override
  public byte[][] gather(byte[] bytes) {
    return new byte[][] {bytes};
  }

  @Override
  public void collect(NDArray share, SafetensorsWriter.Sink sink) {
    throw new UnsupportedOperationException("a rank that is alone holds no shares");
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public void close() {}
}
