package io.dil.examples;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the measuring programs share: their arguments, this process's counters, the result. */
final class Measured {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Measured() {}

  /** Returns {@code key=value} words in order. */
  static Map<String, String> words(String[] args) {
    Map<String, String> words = new LinkedHashMap<>();
    Arrays.stream(args).map(word -> word.split("=", 2)).forEach(pair -> put(words, pair));
    return words;
  }

  private static void put(Map<String, String> words, String[] pair) {
    if (pair.length < 2) {
      throw new IllegalArgumentException("argument must be key=value, got '" + pair[0] + "'");
    }
    words.put(pair[0], pair[1]);
  }

  /** Returns the argument {@code name}, which must be there. */
  static String text(Map<String, String> words, String name) {
    String value = words.get(name);
    if (value == null) {
      throw new IllegalArgumentException("argument '" + name + "' must be given, got none");
    }
    return value;
  }

  /** Returns the argument {@code name}, which must be there, as an integer. */
  static int integer(Map<String, String> words, String name) {
    return Integer.parseInt(text(words, name));
  }

  /** Returns user and system time of all threads, the native ones included, in seconds. */
  static double processorSeconds() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      // In ticks of a hundredth.
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the resident memory in bytes. */
  static long resident() {
    return status("VmRSS");
  }

  /** Returns the highest resident memory, in bytes, since the start or {@link #forgetPeak}. */
  static long peak() {
    return status("VmHWM");
  }

  /** Sets the highest resident memory to the present one. */
  static void forgetPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long status(String key) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(key + ":")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      throw new IllegalStateException("no " + key + " in " + STATUS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the middle of {@code values}, or the mean of the two in the middle. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }

  /** Returns what runs here: Java, its options, the engine and its threads. */
  static Map<String, Object> versions() {
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("java", Runtime.version().toString());
    versions.put("java_options", ManagementFactory.getRuntimeMXBean().getInputArguments());
    versions.put("djl", Engine.getDjlVersion());
    versions.put("threads", JniUtils.getNumThreads());
    versions.put("interop_threads", JniUtils.getNumInteropThreads());
    // The engine's version, its capabilities and its folder.
    versions.put("engine", Engine.getInstance().toString().strip().lines().toList());
    return versions;
  }

  /** Prints a result as one line of JSON. */
  static void print(Object result) throws IOException {
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }
}
