package io.dil.core.torch;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The counters of the stand-in for the CUDA runtime under which {@code mvn verify -Pfakegpu} runs:
 * it says where arrays are, what is copied and what waits, and computes nothing.
 */
public final class FakeCuda {
  private static final Pattern COUNTER = Pattern.compile("(\\w+)=(\\d+)");
  private static int reports;

  private FakeCuda() {}

  /** Skips a test where the stand-in is missing. */
  public static void require() {
    String folder = System.getenv("DIL_FAKECUDA");
    boolean there = folder != null && Files.exists(Path.of(folder).resolve("libfakecuda.so"));
    assumeTrue(there, "DIL_FAKECUDA names no folder with libfakecuda.so");
    TorchNatives.prepare();
  }

  /** Sets the counters to zero. */
  public static void reset() {
    NativeLibrary.getProcess().getFunction("fakecuda_reset").invokeVoid(new Object[0]);
  }

  /** Returns the counters since the last reset by their names. */
  public static Map<String, Long> counters() throws IOException {
    String tag = "report" + reports++;
    NativeLibrary.getProcess().getFunction("fakecuda_report").invokeVoid(new Object[] {tag});
    List<String> lines = Files.readAllLines(Path.of(System.getenv("FAKECUDA_LOG")));
    Map<String, Long> counters = new TreeMap<>();
    for (String line : lines) {
      if (line.startsWith("== fakecuda " + tag + ":")) {
        Matcher matcher = COUNTER.matcher(line);
        while (matcher.find()) {
          counters.put(matcher.group(1), Long.parseLong(matcher.group(2)));
        }
      }
    }
    assertTrue(counters.containsKey("syncs"), "the stand-in reported nothing");
    return counters;
  }
}
