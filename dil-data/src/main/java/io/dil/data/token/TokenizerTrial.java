package io.dil.data.token;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import io.dil.core.Hashes;
import io.dil.core.InputException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries a {@code tokenizer.json} in a process of its own before this one uses it: the library that
 * runs it aborts the process where its own code fails, and a file from the internet can make it
 * (docs/decisions/0007).
 *
 * <p>A file is tried once; the verdict is kept, by the hash of its bytes, in the user's cache. The
 * system property {@code dil.tokenizer.trial} says {@code off} to use files untried, or {@code
 * required} to refuse them where no process can be started; by default such a file is used after a
 * check of the one part that is known to abort.
 */
final class TokenizerTrial {
  private static final String MODE = "dil.tokenizer.trial";
  private static final String CACHE = "DIL_CACHE";

  /** Loading takes 0.5 s, a large vocabulary 2 s; a machine may be busy. */
  private static final long PATIENCE_SECONDS = 120;

  private static final int LONGEST_ANSWER = 1 << 16;
  private static final Set<String> PASSED = ConcurrentHashMap.newKeySet();

  private TokenizerTrial() {}

  /**
   * Tries a file unless it, or another with the same bytes, has passed before.
   *
   * @throws InputException if the library fails on it
   */
  static void require(Path file, String json) {
    String mode = System.getProperty(MODE, "auto");
    String key = key(json);
    if (mode.equals("off") || PASSED.contains(key)) {
      return;
    }
    Optional<Path> kept = cache().map(folder -> folder.resolve(key));
    Optional<String> verdict = kept.flatMap(TokenizerTrial::read);
    if (verdict.isEmpty()) {
      verdict = run(file, json);
      if (verdict.isEmpty()) {
        withoutTrial(file, json, mode);
        return;
      }
      String known = verdict.get();
      kept.ifPresent(place -> keep(place, known));
    }
    if (!verdict.get().equals(TrialProcess.PASSED)) {
      throw new InputException(
          file
              + ": not a tokenizer that can be used: the tokenizers library fails on it ("
              + verdict.get()
              + ")");
    }
    PASSED.add(key);
  }

  private static void withoutTrial(Path file, String json, String mode) {
    if (mode.equals("required")) {
      throw new InputException(
          file + ": a tokenizer must be tried in a process of its own, and none can be started");
    }
    Charsmap.check(file, json);
  }

  /** Returns how a process that tries files is started; the files are to be added. */
  static List<String> command() {
    String path = System.getProperty("java.class.path", "");
    String modules = System.getProperty("jdk.module.path", "");
    String classes =
        path.isEmpty() || modules.isEmpty() ? path + modules : path + File.pathSeparator + modules;
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:-UsePerfData",
        "-Dfile.encoding=UTF-8",
        "-cp",
        classes,
        TrialProcess.class.getName());
  }

  /**
   * Runs the library on a file in another process.
   *
   * @return {@link TrialProcess#PASSED}, or why it must not be used; empty where no process can be
   *     started
   */
  private static Optional<String> run(Path file, String json) {
    List<String> command = new ArrayList<>(command());
    try {
      Path text = Files.createTempFile("tokenizer", ".json");
      Path answer = Files.createTempFile("tokenizer", ".answer");
      try {
        // The very text that is used here, under a name that a child can read in any locale.
        Files.writeString(text, json);
        command.add(text.toString());
        Process child =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(answer.toFile())
                .start();
        child.getOutputStream().close();
        boolean ended = child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
          child.destroyForcibly();
        }
        return verdict(read(answer, LONGEST_ANSWER), ended);
      } finally {
        Files.deleteIfExists(text);
        Files.deleteIfExists(answer);
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InputException(file + ": interrupted while the tokenizer was tried", e);
    }
  }

  /** Reads what a child said before it ended, or was ended. */
  private static Optional<String> verdict(String said, boolean ended) {
    List<String> lines = said.lines().map(String::strip).toList();
    if (!lines.contains(TrialProcess.READY)) {
      // It never came to the file: no such class path in a child, or no room for one.
      return Optional.empty();
    }
    if (lines.contains(TrialProcess.PASSED)) {
      return Optional.of(TrialProcess.PASSED);
    }
    if (!ended) {
      return Optional.of("it did not end within " + PATIENCE_SECONDS + " s");
    }
    String panic =
        lines.stream()
            .filter(line -> line.contains("panicked"))
            .findFirst()
            .orElse("its process was aborted");
    // The library's own file is told, not where it was built.
    return Optional.of(
        panic.replaceAll("/\\S*/(?=tokenizers-\\d)", "").replaceAll("\\p{Cntrl}", "?"));
  }

  private static String read(Path file, int most) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(most), StandardCharsets.UTF_8);
    }
  }

  private static Optional<String> read(Path verdict) {
    try {
      return Files.exists(verdict)
          ? Optional.of(read(verdict, LONGEST_ANSWER).strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void keep(Path place, String verdict) {
    try {
      Path folder = place.toAbsolutePath().getParent();
      if (folder == null) {
        return;
      }
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, "verdict", ".tmp");
      Files.writeString(fresh, verdict + "\n");
      Files.move(fresh, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // A cache that cannot be written costs half a second the next time.
      return;
    }
  }

  /**
   * Returns where verdicts are kept: the system property {@code dil.cache}, {@code DIL_CACHE}, or
   * the user's place for caches.
   */
  private static Optional<Path> cache() {
    @Nullable String own = System.getProperty("dil.cache", System.getenv(CACHE));
    @Nullable String xdg = System.getenv("XDG_CACHE_HOME");
    @Nullable String windows = System.getenv("LOCALAPPDATA");
    try {
      Path home = Path.of(System.getProperty("user.home", "."));
      Path root;
      if (own != null && !own.isEmpty()) {
        root = Path.of(own);
      } else if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win")) {
        root = (windows == null ? home : Path.of(windows)).resolve("dil");
      } else {
        root =
            (xdg == null || xdg.isEmpty() ? home.resolve(".cache") : Path.of(xdg)).resolve("dil");
      }
      return Optional.of(root.resolve("tokenizers"));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Returns a name for a verdict: of these bytes, by this build of the library. */
  private static String key(String json) {
    String library = String.valueOf(LibUtils.class.getPackage().getImplementationVersion());
    return Hashes.hex(library + TrialProcess.VERSION + "\n" + json);
  }
}
