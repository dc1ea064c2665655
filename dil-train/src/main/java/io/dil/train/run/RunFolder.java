package io.dil.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of a run. A checkpoint is a folder {@code checkpoint-N} that is written under another
 * name, forced to disk and moved into place, so that one that is there is whole.
 */
public final class RunFolder {
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d+)");
  private static final String PARTIAL = ".checkpoint.partial";
  private static final String STATE = "trainer_state.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;

  /** Fills a checkpoint's folder. */
  @FunctionalInterface
  public interface Content {
    /** Writes all files but the state. */
    void write(Path folder) throws IOException;
  }

  private RunFolder(Path path) {
    this.path = path;
  }

  /**
   * Opens a folder, which is made where it is missing, and removes what a killed save left in it.
   *
   * @param overwrite whether a run that is in it is removed
   * @throws InputException if it cannot be written to, or holds a finished run
   */
  public static RunFolder open(Path path, boolean overwrite) {
    RunFolder folder = new RunFolder(path);
    try {
      Files.createDirectories(path);
      Path probe = Files.createTempFile(path, ".write", ".probe");
      Files.delete(probe);
      delete(path.resolve(PARTIAL));
      if (overwrite) {
        for (Path checkpoint : folder.checkpoints()) {
          delete(checkpoint);
        }
        Files.deleteIfExists(folder.manifest());
        Files.deleteIfExists(folder.metrics());
      }
    } catch (IOException e) {
      throw new InputException(
          "output_dir must be a folder that can be written to, got "
              + path
              + " ("
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage()
              + ")",
          e);
    }
    if (Files.exists(folder.manifest())) {
      throw new InputException(
          path
              + ": holds a finished run; choose another output_dir or set"
              + " overwrite_output_dir=true");
    }
    return folder;
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /** Returns where the metrics are. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** Returns where the manifest is; it is written last, so it says that the run has finished. */
  public Path manifest() {
    return path.resolve("manifest.json");
  }

  /** Returns where the report is. */
  public Path report() {
    return path.resolve("report.html");
  }

  /** Returns the checkpoint with the most steps. */
  public Optional<Path> latest() throws IOException {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /**
   * Writes the checkpoint of {@code state}, whole or not at all, then removes all but {@code keep}.
   */
  public Path save(TrainState state, int keep, Content content) throws IOException {
    Path partial = path.resolve(PARTIAL);
    Path finished = path.resolve("checkpoint-" + state.step());
    delete(partial);
    try {
      Files.createDirectories(partial);
      content.write(partial);
      AtomicFile.write(
          partial.resolve(STATE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
      delete(finished);
      AtomicFile.move(partial, finished);
    } catch (IOException e) {
      delete(partial);
      throw e;
    }
    List<Path> all = checkpoints();
    for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
      delete(old);
    }
    return finished;
  }

  /** Reads the state of a checkpoint. */
  public static TrainState state(Path checkpoint) {
    Path file = checkpoint.resolve(STATE);
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      if (json.path("version").asInt() != TrainState.VERSION) {
        throw new InputException(
            file
                + ": must have the layout "
                + TrainState.VERSION
                + ", got "
                + json.path("version"));
      }
      return JSON.treeToValue(json, TrainState.class);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Path> checkpoints() throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(entry -> CHECKPOINT.matcher(entry.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(RunFolder::step))
          .toList();
    }
  }

  private static long step(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring("checkpoint-".length()));
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(tree)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
