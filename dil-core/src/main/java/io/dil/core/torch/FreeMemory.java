package io.dil.core.torch;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory a device has left for arrays. */
public final class FreeMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private FreeMemory() {}

  /**
   * Returns the bytes that are free: on a GPU as the driver counts them, on Linux as the kernel
   * estimates, elsewhere the size of the Java heap, for want of a better number.
   */
  public static long bytes(Device device) {
    if (device.isGpu()) {
      MemoryUsage usage = CudaUtils.getGpuMemory(device);
      return usage.getMax() - usage.getCommitted();
    }
    return ofHost().orElse(Runtime.getRuntime().maxMemory());
  }

  /** Returns the bytes of memory that a GPU has in all. */
  public static long total(Device gpu) {
    return CudaUtils.getGpuMemory(gpu).getMax();
  }

  /** Returns the bytes of the host's memory that are free, where the system tells. */
  public static OptionalLong ofHost() {
    try {
      if (Files.exists(MEMINFO)) {
        for (String row : Files.readAllLines(MEMINFO)) {
          if (row.startsWith("MemAvailable:")) {
            return OptionalLong.of(Long.parseLong(row.replaceAll("\\D", "")) * 1024);
          }
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
