package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, to be killed, interrupted or kept short of disk. */
final class DilProcess {
  private static final int PATIENCE_SECONDS = 300;

  private DilProcess() {}

  /** Starts {@code dil train} with the given settings; output goes to {@code log}. */
  static Process train(Map<String, Object> settings, Path log) throws IOException {
    return train("", settings, log);
  }

  /** The same behind a shell command such as {@code ulimit}, which must exec what follows. */
  static Process train(String prelude, Map<String, Object> settings, Path log) throws IOException {
    List<String> words = java("io.dil.train.cli.Dil", "train");
    words.addAll(words(settings));
    return start(behind(prelude, words), Map.of(), log);
  }

  /**
   * Starts {@code dil train} as several ranks.
   *
   * @param launcher the words before the command that each rank runs
   */
  static Process ranks(
      List<String> launcher,
      Map<String, Object> settings,
      Map<String, String> environment,
      Path log)
      throws IOException {
    List<String> words = new ArrayList<>(launcher);
    words.addAll(java("io.dil.train.cli.Dil", "train"));
    words.addAll(words(settings));
    return start(words, environment, log);
  }

  /** Starts a program with settings as its arguments and more variables in its environment. */
  static Process run(
      String prelude,
      Class<?> program,
      Map<String, Object> settings,
      Map<String, String> environment,
      Path log)
      throws IOException {
    List<String> words = java(program.getName());
    words.addAll(words(settings));
    return start(behind(prelude, words), environment, log);
  }

  private static List<String> java(String... program) {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-cp", path));
    words.addAll(List.of(program));
    return words;
  }

  private static List<String> words(Map<String, Object> settings) {
    List<String> words = new ArrayList<>();
    settings.forEach((key, value) -> words.add(key + "=" + value));
    return words;
  }

  private static List<String> behind(String prelude, List<String> words) {
    if (prelude.isEmpty()) {
      return words;
    }
    StringBuilder shell = new StringBuilder(prelude).append("; exec");
    words.forEach(word -> shell.append(" '").append(word.replace("'", "'\\''")).append('\''));
    return List.of("bash", "-c", shell.toString());
  }

  private static Process start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.redirectInput(new File("/dev/null"));
    return builder.start();
  }

  /** Trains until a checkpoint is there, and is killed then: the run is not finished. */
  static void killAt(String checkpoint, Map<String, Object> settings, Path log)
      throws IOException, InterruptedException {
    Path output = Path.of(settings.get("output_dir").toString());
    Process process = train(settings, log);
    while (process.isAlive() && !Files.exists(output.resolve(checkpoint))) {
      Thread.onSpinWait();
    }
    process.destroyForcibly();
    process.waitFor();
    assertTrue(Files.exists(output.resolve(checkpoint)));
    assertFalse(Files.exists(output.resolve("manifest.json")));
  }

  /** Waits for the end and returns the exit status. */
  static int status(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("process did not end");
    }
    return process.exitValue();
  }

  static String text(Path log) throws IOException {
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
  }
}
