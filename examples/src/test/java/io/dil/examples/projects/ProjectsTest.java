package io.dil.examples.projects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dil.train.quickstart.Quickstart;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Projects of users build and run: a new folder, no network, an empty cache of natives, and of ours
 * only what {@code mvn install} would have put into a local repository.
 */
@Tag("project")
class ProjectsTest {
  private static final Path PROJECTS = Path.of("projects");
  private static final int WIDTH = 4;

  /** What an application gets, docs/decisions/0013; the natives are its own choice. */
  private static final List<String> PASSED_ON =
      List.of(
          "aircompressor",
          "api",
          "commons-codec",
          "commons-compress",
          "commons-io",
          "dil-core",
          "dil-data",
          "dil-losses",
          "dil-train",
          "gson",
          "jackson-annotations",
          "jackson-core",
          "jackson-databind",
          "jackson-dataformat-yaml",
          "jna",
          "jspecify",
          "jts-core",
          "parquet-column",
          "parquet-common",
          "parquet-encoding",
          "parquet-floor",
          "parquet-format-structures",
          "parquet-hadoop",
          "parquet-jackson",
          "pytorch-engine",
          "pytorch-jni",
          "pytorch-native-cpu",
          "slf4j-api",
          "snakeyaml",
          "snappy-java",
          "tokenizers",
          "zstd-jni");

  @TempDir static Path shared;

  private static ConsumerRepository repository;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    repository = ConsumerRepository.make(Path.of("target/consumer-repository").toAbsolutePath());
    Quickstart.unpack(shared.resolve("input"));
    model = shared.resolve("input/model");
  }

  private Commands commands() {
    return new Commands(folder, shared.resolve("djl-cache"));
  }

  /** Compiles the project of the folder, without a network, and returns its class path. */
  private String classPath() throws IOException, InterruptedException {
    Optional<Path> maven =
        Optional.ofNullable(System.getProperty("maven.home"))
            .map(home -> Path.of(home, "bin", "mvn"))
            .or(() -> Commands.find("mvn"));
    assumeTrue(maven.isPresent(), "skipped: no mvn");
    commands()
        .run(
            List.of(
                maven.get().toString(),
                "-q",
                "-B",
                "-o",
                "-Dmaven.repo.local=" + repository.root(),
                "-Dnatives=" + natives(),
                "-Dmdep.outputFile=class-path",
                "compile",
                "dependency:build-classpath"));
    return folder.resolve("target/classes")
        + File.pathSeparator
        + Files.readString(folder.resolve("class-path")).strip();
  }

  private static String natives() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    if (system.startsWith("mac")) {
      return "osx-aarch64";
    }
    return system.startsWith("windows") ? "win-x86_64" : arm ? "linux-aarch64" : "linux-x86_64";
  }

  private void copy(String project) throws IOException {
    Path from = PROJECTS.resolve(project);
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path to = folder.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    Files.copy(PROJECTS.resolve("comparisons.sql"), folder.resolve("comparisons.sql"));
  }

  private static void copyModel(Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private String table() {
    return "jdbc:h2:mem:;init=runscript from '" + folder.resolve("comparisons.sql") + "'";
  }

  /** Returns the blocks of README's section, without the four spaces that make them blocks. */
  private static List<String> blocks() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String section = readme.substring(readme.indexOf("## From Java"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    List<String> blocks = new ArrayList<>();
    Matcher block = Pattern.compile("(?m)(?:^ {4}.*\\R)+").matcher(section);
    while (block.find()) {
      blocks.add(
          block
              .group()
              .lines()
              .map(line -> line.substring(WIDTH))
              .reduce("", (a, b) -> a + b + "\n"));
    }
    return blocks;
  }

  @Test
  void theProjectOfTheReadme() throws IOException, InterruptedException {
    List<String> blocks = blocks();
    assertEquals(2, blocks.size(), "README's section has the dependencies and the program");
    Files.writeString(
        folder.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>demo</groupId>
          <artifactId>readme</artifactId>
          <version>1</version>
          <properties>
            <maven.compiler.release>17</maven.compiler.release>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
        %s
          <build>
            <plugins>
              <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version></plugin>
              <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.14.1</version></plugin>
              <plugin><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version></plugin>
            </plugins>
          </build>
        </project>
        """
            .formatted(blocks.get(0).replace("linux-x86_64", natives())));
    Path source = Files.createDirectories(folder.resolve("src/main/java"));
    Files.writeString(
        source.resolve("Readme.java"),
        """
        import io.dil.data.*;
        import io.dil.losses.*;
        import io.dil.train.*;
        import io.dil.train.config.*;
        import java.util.List;

        public class Readme {
          public static void main(String[] args) {
        %s
            System.out.println(result);
          }
        }
        """
            .formatted(blocks.get(1)));
    String classPath = classPath();

    TreeSet<String> jars = new TreeSet<>();
    for (String jar : classPath.split(File.pathSeparator)) {
      if (jar.endsWith(".jar")) {
        jars.add(Path.of(jar).getParent().getParent().getFileName().toString());
      }
    }
    assertEquals(new TreeSet<>(PASSED_ON), jars, "docs/decisions/0013 lists what is passed on");

    copyModel(folder.resolve("models/my-sft-model"));
    String printed = commands().java(classPath, "Readme");
    assertTrue(printed.contains("outcome=FINISHED"), printed);
    Path run = folder.resolve("runs/my-loss");
    assertTrue(Files.size(run.resolve("model.safetensors")) > 0);
    assertTrue(Files.readString(run.resolve("manifest.json")).contains("my-lsif"));
    String report = Files.readString(run.resolve("report.html"));
    assertTrue(
        report.contains("the class path had no org.webjars.npm:uplot"), "says what it lacks");
  }

  @Test
  void aMavenProjectAndJShell() throws IOException, InterruptedException {
    copy("maven");
    String classPath = classPath();
    Path out = folder.resolve("run");
    String printed =
        commands()
            .java(classPath, "demo.TrainFromATable", table(), model.toString(), out.toString());
    assertTrue(printed.contains("FINISHED after 16 steps"), printed);
    String report = Files.readString(out.resolve("report.html"));
    assertTrue(report.contains("Charts by uPlot"), "charts are drawn");

    Files.copy(PROJECTS.resolve("jshell/train.jsh"), folder.resolve("train.jsh"));
    List<String> command =
        new ArrayList<>(List.of(Commands.jdk("jshell"), "--class-path", classPath));
    command.addAll(
        Commands.remote(List.of("-Xmx1g", "-Dmodel=" + model, "-Dout=" + folder.resolve("shell"))));
    command.add("train.jsh");
    printed = commands().run(command);
    assertTrue(printed.contains("FINISHED after 16 steps"), printed);
    assertTrue(printed.contains("before:") && printed.contains("after:"), printed);
    assertTrue(Files.size(folder.resolve("shell/model.safetensors")) > 0);
  }

  @Test
  void extensionsOfEveryKind() throws IOException, InterruptedException {
    copy("extensions");
    Path own = folder.resolve("own-model");
    copyModel(own);
    String config = Files.readString(own.resolve("config.json"));
    Files.writeString(
        own.resolve("config.json"),
        config.replaceAll("(\"model_type\"\\s*:\\s*)\"llama\"", "$1\"own-llama\""));
    StringBuilder tickets = new StringBuilder("asked\thelped\tdid_not\n");
    for (int i = 0; i < 64; i++) {
      tickets.append("ask mira for tea :\t mira , may i have tea , please ?\t mira ! tea now ! ");
      tickets.append(i).append('\n');
    }
    Files.writeString(folder.resolve("tickets.tsv"), tickets);
    Files.writeString(
        folder.resolve("courtesy.jsonl"),
        "{\"asked\": \"ask mira for tea :\", \"answers\": [\"mira , may i have tea , please ?\","
            + " \"mira ! tea now !\"], \"gold\": 0}\n");
    String printed =
        commands()
            .java(
                classPath(),
                "demo.UseThem",
                own.toString(),
                folder.resolve("tickets.tsv").toString(),
                folder.resolve("run").toString(),
                folder.toString());
    // (0 - 2)^2 + (0 + 2)^2 where policy and reference agree.
    assertTrue(
        Files.readString(folder.resolve("run/metrics.jsonl")).contains("\"loss\":8"), printed);
    assertTrue(printed.contains("courtesy 1 rows"), printed);
  }

  @Test
  void aGradleProjectInKotlin() throws IOException, InterruptedException {
    Optional<Path> gradle = Commands.find("gradle");
    assumeTrue(gradle.isPresent(), "skipped: no gradle");
    copy("gradle-kotlin");
    assumeTrue(
        commands()
            .run(List.of(gradle.get().toString(), "--version"))
            .matches("(?s).*Gradle ([89]|\\d\\d).*"),
        "skipped: gradle is older than 8");
    String printed =
        commands()
            .run(
                List.of(
                    gradle.get().toString(),
                    "--no-daemon",
                    "-Dmaven.repo.local=" + repository.root(),
                    "run",
                    "--args='%s' '%s' '%s'".formatted(table(), model, folder.resolve("run"))));
    assertTrue(printed.contains("FINISHED after 16 steps"), printed);
  }

  @Test
  void scalaInFiveLines() throws IOException, InterruptedException {
    Optional<Path> scala = Commands.find("scala-cli");
    assumeTrue(scala.isPresent(), "skipped: no scala-cli");
    copy("maven");
    String classPath = classPath();
    Files.copy(PROJECTS.resolve("scala/train.scala"), folder.resolve("train.scala"));
    List<String> lines =
        Files.readAllLines(folder.resolve("train.scala")).stream()
            .filter(line -> !line.startsWith("//> using"))
            .toList();
    Files.write(folder.resolve("train.scala"), lines);
    String printed =
        commands()
            .run(
                List.of(
                    scala.get().toString(),
                    "run",
                    "--server=false",
                    "--class-path",
                    classPath,
                    "train.scala",
                    "--",
                    model.toString(),
                    folder.resolve("run").toString()));
    assertTrue(printed.contains("outcome=FINISHED"), printed);
  }
}
