package io.dil.train.rank;

import ai.djl.Device;
import ai.djl.engine.EngineException;

/** What a device of one rank said when it could not go on; the other ranks were stopped. */
public final class RankFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int rank;
  private final int ranks;
  private final transient Device device;

  RankFailedException(int rank, int ranks, Device device, EngineException cause) {
    super(cause.getMessage(), cause);
    this.rank = rank;
    this.ranks = ranks;
    this.device = device;
  }

  /**
   * Returns the device's name as settings have it, and which rank it is where there are several.
   */
  public String where() {
    String name = device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    return ranks == 1 ? name : name + " (rank " + rank + " of " + ranks + ")";
  }
}
