package io.dil.train.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory there is, and how much a process holds, where the system tells (Linux). */
public final class Memory {
  private Memory() {}

  /** Returns the bytes that new work can have without anything being swapped; 0 if unknown. */
  static long free() {
    return kib(Path.of("/proc/meminfo"), "MemAvailable:") << 10;
  }

  /** Returns the most memory that a process has held at once, in bytes; 0 if unknown. */
  public static long peak(long process) {
    return kib(Path.of("/proc", String.valueOf(process), "status"), "VmHWM:") << 10;
  }

  private static long kib(Path file, String name) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException e) {
      // Another system, or a process that has ended.
      return 0;
    }
  }
}
