package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import io.dil.core.torch.TorchNatives;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The counters of the stand-in for the CUDA runtime under which {@code mvn verify -Pfakegpu} runs:
 * it says where arrays are, what is copied and what waits, and computes nothing.
 */
final class FakeCuda {
  private static final Pattern COUNTER = Pattern.compile("(\\w+)=(\\d+)(?:\\((\\d+) B\\))?");
  private static int reports;

  private FakeCuda() {}

  /** Skips a test where the stand-in is missing. */
  static void require() {
    String folder = System.getenv("DIL_FAKECUDA");
    boolean there = folder != null && Files.exists(Path.of(folder).resolve("libfakecuda.so"));
    assumeTrue(there, "DIL_FAKECUDA names no folder with libfakecuda.so");
    TorchNatives.prepare();
  }

  /** Sets the counters to zero. */
  static void reset() {
    NativeLibrary.getProcess().getFunction("fakecuda_reset").invokeVoid(new Object[0]);
  }

  /** Returns the counters since the last reset by their names; those of bytes end in {@code _b}. */
  static Map<String, Long> counters() {
    String tag = "report" + reports++;
    NativeLibrary.getProcess().getFunction("fakecuda_report").invokeVoid(new Object[] {tag});
    return counters(Path.of(System.getenv("FAKECUDA_LOG")), tag);
  }

  /** Returns the counters that a log tells under {@code tag}; {@code exit} for a whole process. */
  static Map<String, Long> counters(Path log, String tag) {
    Map<String, Long> counters = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(log)) {
        if (line.startsWith("== fakecuda " + tag + ":")) {
          Matcher matcher = COUNTER.matcher(line);
          while (matcher.find()) {
            counters.put(matcher.group(1), Long.parseLong(matcher.group(2)));
            if (matcher.group(3) != null) {
              counters.put(matcher.group(1) + "_b", Long.parseLong(matcher.group(3)));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertTrue(counters.containsKey("syncs"), "the stand-in reported nothing");
    return counters;
  }
}
