package io.dil.train;

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
    return start(command("", settings), log);
  }

  /** The same behind a shell command such as {@code ulimit}, which must exec what follows. */
  static Process train(String prelude, Map<String, Object> settings, Path log) throws IOException {
    return start(command(prelude, settings), log);
  }

  private static List<String> command(String prelude, Map<String, Object> settings) {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-cp", path));
    words.addAll(List.of("io.dil.train.cli.Dil", "train"));
    settings.forEach((key, value) -> words.add(key + "=" + value));
    if (prelude.isEmpty()) {
      return words;
    }
    StringBuilder shell = new StringBuilder(prelude).append("; exec");
    words.forEach(word -> shell.append(" '").append(word.replace("'", "'\\''")).append('\''));
    return List.of("bash", "-c", shell.toString());
  }

  private static Process start(List<String> command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.redirectInput(new File("/dev/null"));
    return builder.start();
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
