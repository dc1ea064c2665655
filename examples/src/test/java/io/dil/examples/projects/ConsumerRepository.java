package io.dil.examples.projects;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A local repository of Maven as somebody has it after {@code mvn install} of this project and
 * after their dependencies were fetched: ours are copied from the build, all others are links to
 * the repository that the build itself uses. Nothing is installed anywhere else.
 */
final class ConsumerRepository {
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
  private static final List<String> MODULES =
      List.of("dil-losses", "dil-core", "dil-data", "dil-train");

  private final Path root;
  private final String version;

  private ConsumerRepository(Path root, String version) {
    this.root = root;
    this.version = version;
  }

  /** Makes one in a folder, in place of what is there. */
  static ConsumerRepository make(Path root) throws IOException {
    delete(root);
    Path project = Path.of("..").toAbsolutePath().normalize();
    Matcher version = VERSION.matcher(Files.readString(project.resolve("pom.xml")));
    assertTrue(version.find());
    ConsumerRepository made = new ConsumerRepository(root, version.group(1));
    Path real = real();
    link(real, root, "io");
    link(real.resolve("io"), root.resolve("io"), "dil");
    made.copy(project.resolve("pom.xml"), "dil-parent", ".pom");
    for (String module : MODULES) {
      made.copy(project.resolve(module).resolve("pom.xml"), module, ".pom");
      Path target = project.resolve(module).resolve("target");
      made.copy(target.resolve(module + "-" + made.version + ".jar"), module, ".jar");
    }
    return made;
  }

  Path root() {
    return root;
  }

  String version() {
    return version;
  }

  private void copy(Path file, String artifact, String ending) throws IOException {
    assertTrue(Files.exists(file), () -> file + " must be there: run mvn verify, not a part of it");
    Path folder = root.resolve("io/dil").resolve(artifact).resolve(version);
    Files.createDirectories(folder);
    Files.copy(file, folder.resolve(artifact + "-" + version + ending));
  }

  /** Deletes a folder, and of its links themselves alone. */
  private static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> walk = Files.walk(root)) {
        for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Links every entry of a folder but one. */
  private static void link(Path from, Path to, String without) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        if (!entry.getFileName().toString().equals(without)) {
          Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
        }
      }
    }
  }

  /** Returns the repository of this build: a jar of the class path lies in it. */
  private static Path real() {
    try {
      Path jar = Path.of(NDArray.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      // ai/djl/api/VERSION/api-VERSION.jar
      return jar.getParent().getParent().getParent().getParent().getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
