package io.dil.train.run;

import io.dil.core.Hashes;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The SHA-256 of every file of a folder, in {@value #FILE} and the form that {@code sha256sum -c}
 * checks. SHA-256 reads 1.5 GB per second and core, and is the hash that the hub and other tools
 * know files by.
 */
public final class Checksums {
  /** The file that holds them. */
  public static final String FILE = "SHA256SUMS";

  private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([^/\\\\]+)");

  private Checksums() {}

  /** Writes the sums of all files that are in {@code folder}. */
  static void write(Path folder) throws IOException {
    StringBuilder lines = new StringBuilder();
    ofEach(files(folder))
        .forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
    AtomicFile.write(folder.resolve(FILE), lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Compares a folder with its sums.
   *
   * @return what is wrong with it; empty where it is as it was written
   */
  static Optional<String> damage(Path folder) {
    try {
      Path list = folder.resolve(FILE);
      if (!Files.exists(list)) {
        return Optional.of("has no " + FILE);
      }
      Map<String, String> sums = new TreeMap<>();
      for (String line : Files.readString(list).lines().toList()) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
          return Optional.of(FILE + " is damaged");
        }
        sums.put(parts.group(2), parts.group(1));
      }
      Map<String, String> now = ofEach(files(folder));
      for (Map.Entry<String, String> sum : sums.entrySet()) {
        String found = now.remove(sum.getKey());
        if (found == null) {
          return Optional.of(sum.getKey() + " is missing");
        }
        if (!found.equals(sum.getValue())) {
          return Optional.of(sum.getKey() + " has changed since it was written");
        }
      }
      return now.isEmpty()
          ? Optional.empty()
          : Optional.of(now.keySet().iterator().next() + " has no checksum");
    } catch (IOException e) {
      return Optional.of("cannot be read: " + e.getMessage());
    }
  }

  private static Map<String, Path> files(Path folder) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries.forEach(entry -> files.put(entry.getFileName().toString(), entry));
    }
    files.remove(FILE);
    return files;
  }

  /** Returns the SHA-256 of each file by name, computed on all processors. */
  private static Map<String, String> ofEach(Map<String, Path> files) throws IOException {
    try {
      return files.entrySet().parallelStream()
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey, file -> ofOne(file.getValue()), (a, b) -> a, TreeMap::new));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String ofOne(Path file) {
    try {
      return of(List.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the SHA-256, in hexadecimal digits, of the bytes of all files in order. */
  public static String of(List<Path> files) throws IOException {
    MessageDigest digest = Hashes.sha256();
    for (Path file : files) {
      Hashes.update(digest, file);
    }
    return Hashes.hex(digest);
  }

  /**
   * Returns the SHA-256 of files by name: their names, sizes and bytes, so that no two folders are
   * taken for one.
   *
   * @throws InputException if one cannot be read
   */
  public static String ofNamed(List<Path> files) {
    StringBuilder all = new StringBuilder();
    for (Path file : files) {
      try {
        all.append(of(List.of(file))).append("  ").append(file.getFileName()).append('\n');
      } catch (IOException e) {
        throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }
    return Hashes.hex(all.toString());
  }
}
