package io.dil.examples.projects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts programs as somebody does who has just this project, and no network. */
final class Commands {
  /** Nobody listens there, so whatever asks the network fails at once. */
  private static final List<String> NO_NETWORK =
      List.of(
          "-Dhttp.proxyHost=127.0.0.1",
          "-Dhttp.proxyPort=9",
          "-Dhttps.proxyHost=127.0.0.1",
          "-Dhttps.proxyPort=9",
          "-Dhttp.nonProxyHosts=");

  private static final int MINUTES = 4;

  private final Path folder;
  private final Path cache;

  /**
   * Prepares commands.
   *
   * @param folder where they run
   * @param cache what DJL unpacks its natives into
   */
  Commands(Path folder, Path cache) {
    this.folder = folder;
    this.cache = cache;
  }

  /** Returns a program of the path, if it is there. */
  static Optional<Path> find(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(place -> Path.of(place, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Returns a program of the JDK that runs the test. */
  static String jdk(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /** Runs a Java program and returns what it printed; asserts that it ended well. */
  String java(String classPath, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(jdk("java"), "-Xmx1g"));
    command.addAll(NO_NETWORK);
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(words));
    return run(command);
  }

  /** Returns the arguments that keep JShell's other process from the network. */
  static List<String> remote(List<String> arguments) {
    List<String> all = new ArrayList<>();
    Stream.concat(NO_NETWORK.stream(), arguments.stream()).forEach(each -> all.add("-R" + each));
    return all;
  }

  /** Runs a program and returns what it printed; asserts that it ended well. */
  String run(List<String> command) throws IOException, InterruptedException {
    Path printed = Files.createTempFile(folder, "printed", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    // As a user has it: nothing of what the build sets for its own tests.
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                name.startsWith("PYTORCH_")
                    || name.startsWith("DJL_")
                    || name.startsWith("DIL_")
                    || name.startsWith("MAVEN_"));
    builder.environment().put("DJL_CACHE_DIR", cache.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    String text = Files.readString(printed);
    assertTrue(ended, () -> command.get(0) + " did not end: " + text);
    assertEquals(0, process.exitValue(), () -> String.join(" ", command) + "\n" + text);
    return text;
  }
}
