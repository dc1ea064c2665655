package io.dil.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run, which holds it alone until it closes. A checkpoint is a folder {@code
 * checkpoint-N} that is written under another name, forced to disk and moved into place, so that
 * one that is there is whole; its {@link Checksums} tell what happened to it since.
 */
public final class RunFolder implements AutoCloseable {
  /** The folder in it that a merged model is written to. */
  public static final String MERGED = "merged";

  /** The file in it that names the run on an MLflow server. */
  public static final String MLFLOW = ".mlflow-run";

  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d{1,18})");
  private static final String PARTIAL = ".checkpoint.partial";
  private static final String DAMAGED = ".checkpoint.damaged";
  private static final String STATE = "trainer_state.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  // Null in a process beside the one that writes.
  private final @Nullable FolderLock lock;
  private boolean begun;

  /** Fills a checkpoint's folder. */
  @FunctionalInterface
  public interface Content {
    /** Writes all files but the state. */
    void write(Path folder) throws IOException;
  }

  private RunFolder(Path path, @Nullable FolderLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Opens a folder, which is made where it is missing. Nothing in it changes but what a killed save
   * left goes.
   *
   * @param overwrite whether what is in it may be replaced
   * @throws InputException if another run holds it, it cannot be written to, or it holds a finished
   *     run or somebody else's files
   */
  public static RunFolder open(Path path, boolean overwrite) {
    FolderLock lock = FolderLock.take(path, "output_dir");
    RunFolder folder = new RunFolder(path, lock);
    try {
      boolean own = lock.wasMarked() || folder.isCopy();
      Optional<Path> foreign = own || overwrite ? Optional.empty() : folder.foreign();
      if (foreign.isPresent()) {
        throw new InputException(
            "output_dir must be empty or hold a run of dil, got "
                + path
                + ", which holds "
                + foreign.get().getFileName()
                + "; choose another output_dir or set overwrite_output_dir=true");
      }
      if (folder.isFinished() && !overwrite) {
        throw new InputException(
            path
                + ": holds a finished run; choose another output_dir or set"
                + " overwrite_output_dir=true");
      }
      if (own) {
        delete(path.resolve(PARTIAL));
        delete(path.resolve(DAMAGED));
        ModelInstall.clean(path);
      }
      return folder;
    } catch (InputException e) {
      folder.close();
      throw e;
    } catch (IOException e) {
      folder.close();
      throw new InputException(
          "output_dir cannot be read: " + path + " (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Opens a folder for a process beside the one that writes: what a checkpoint or a model consists
   * of is gone through, since ranks hold it together, and nothing is written.
   */
  public static RunFolder follow(Path path) {
    return new RunFolder(path, null);
  }

  /** Returns whether it holds checkpoints of ours; a copy may lack the hidden file of the lock. */
  private boolean isCopy() throws IOException {
    return checkpoints().stream().anyMatch(at -> Files.exists(at.resolve(Checksums.FILE)));
  }

  private Optional<Path> foreign() throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      // What file managers and version control leave in a folder is hidden.
      return entries.filter(entry -> !entry.getFileName().toString().startsWith(".")).findFirst();
    }
  }

  /** Returns whether the run in it has written all that it was to write. */
  public boolean isFinished() {
    return Files.exists(manifest());
  }

  /** Makes the folder one of this program; until then it is given back as it was found. */
  public void begin() {
    begun = true;
  }

  /** Removes the run that is in it, but its model, which stays until another takes its place. */
  public void startOver() throws IOException {
    begin();
    if (lock == null) {
      return;
    }
    for (Path checkpoint : checkpoints()) {
      delete(checkpoint);
    }
    Files.deleteIfExists(metrics());
    Files.deleteIfExists(path.resolve(MLFLOW));
    if (isFinished()) {
      delete(path.resolve(MERGED));
    }
    // Last: while it is there, what the folder holds is not taken for a run to go on with.
    Files.deleteIfExists(manifest());
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /** Returns where the checkpoint of a step is, or would be. */
  public Path checkpoint(long step) {
    return path.resolve("checkpoint-" + step);
  }

  /** Returns where the metrics are. */
  public Path metrics() {
    return path.resolve(MetricsFile.NAME);
  }

  /** Removes metrics without a line: a run that came to nothing leaves nothing. */
  public void dropEmptyMetrics() throws IOException {
    if (lock != null && Files.exists(metrics()) && Files.size(metrics()) == 0) {
      Files.delete(metrics());
    }
  }

  /** Returns where the manifest is; it is written last, so it says that the run has finished. */
  public Path manifest() {
    return path.resolve("manifest.json");
  }

  /** Returns where the report is. */
  public Path report() {
    return path.resolve("report.html");
  }

  /**
   * Returns the checkpoint with the most steps that is as it was written; empty where there is none
   * at all.
   *
   * @param warn hears of every checkpoint that is passed over
   * @throws InputException if there are checkpoints, and all are damaged
   */
  public Optional<Path> lastWhole(Consumer<String> warn) throws IOException {
    List<Path> all = new ArrayList<>(checkpoints());
    List<String> damages = new ArrayList<>();
    // A file that is damaged or missing is another matter: the sums know of it.
    boolean modelOnly = all.removeIf(RunFolder::isModelOnly);
    while (!all.isEmpty()) {
      Path last = all.remove(all.size() - 1);
      Optional<String> damage = Checksums.damage(last);
      if (damage.isEmpty()) {
        return Optional.of(last);
      }
      damages.add(last + " is damaged: " + damage.get());
      if (!all.isEmpty()) {
        warn.accept(damages.get(damages.size() - 1) + "; the checkpoint before it is tried");
      }
    }
    if (damages.isEmpty() && modelOnly) {
      throw new InputException(
          path
              + ": holds checkpoints of a run with save_only_model, from which none goes on; choose"
              + " another output_dir or set overwrite_output_dir=true");
    }
    if (damages.isEmpty()) {
      return Optional.empty();
    }
    throw new InputException(
        String.join("; ", damages) + "; no whole checkpoint is left, delete it to start over");
  }

  private static boolean isModelOnly(Path checkpoint) {
    try {
      return !OptimizerFile.isIn(checkpoint)
          && !Files.readString(checkpoint.resolve(Checksums.FILE)).contains(OptimizerFile.NAME);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns the checkpoint of a step, which must be as it was written.
   *
   * @throws InputException if it is damaged
   */
  public Path whole(long step) {
    Path checkpoint = checkpoint(step);
    Checksums.damage(checkpoint)
        .ifPresent(
            damage -> {
              throw new InputException(
                  checkpoint
                      + " is damaged: "
                      + damage
                      + "; it holds the best model, so the run cannot end with it: restore it, or"
                      + " delete the run and start over");
            });
    return checkpoint;
  }

  /**
   * Removes all checkpoints but the newest ones, as many as may stay, and that of the best model,
   * which counts as one of them.
   *
   * @param best its step; 0 for none
   */
  public void thin(int keep, long best) throws IOException {
    if (lock == null) {
      return;
    }
    List<Path> all = checkpoints();
    Path newest = all.isEmpty() ? path : all.get(all.size() - 1);
    int stay = best > 0 && !newest.equals(checkpoint(best)) ? Math.max(keep, 2) : keep;
    int left = all.size();
    for (Path old : all) {
      if (left > stay && !old.equals(newest) && !old.equals(checkpoint(best))) {
        delete(old);
        left--;
      }
    }
  }

  /** Removes all checkpoints but that of the best model. */
  public void keepBest(long best) throws IOException {
    if (lock == null) {
      return;
    }
    for (Path checkpoint : checkpoints()) {
      if (!checkpoint.equals(checkpoint(best))) {
        delete(checkpoint);
      }
    }
  }

  /** Writes the checkpoint of {@code state}, whole or not at all. */
  public Path save(TrainState state, Content content) throws IOException {
    Path partial = path.resolve(PARTIAL);
    Path damaged = path.resolve(DAMAGED);
    Path finished = checkpoint(state.step());
    if (lock == null) {
      content.write(partial);
      return finished;
    }
    delete(partial);
    try {
      Files.createDirectories(partial);
      content.write(partial);
      AtomicFile.write(
          partial.resolve(STATE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
      Checksums.write(partial);
      AtomicFile.forceFolder(partial);
      // A checkpoint of this very step can only be there if it is damaged, else it was gone on
      // from.
      delete(damaged);
      if (Files.exists(finished)) {
        AtomicFile.move(finished, damaged);
      }
      AtomicFile.move(partial, finished);
      AtomicFile.forceFolder(path);
    } catch (IOException | RuntimeException e) {
      delete(partial);
      throw e;
    }
    delete(damaged);
    return finished;
  }

  /**
   * Puts a model into the folder: written aside, then moved, so that one which was there before is
   * replaced and never mixed with.
   */
  public void install(Content content) throws IOException {
    if (lock == null) {
      content.write(path);
    } else {
      ModelInstall.into(path, content);
    }
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

  static void delete(Path tree) throws IOException {
    if (Files.isSymbolicLink(tree)) {
      Files.delete(tree);
      return;
    }
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(tree)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }

  @Override
  public void close() {
    if (lock == null) {
      return;
    }
    if (begun) {
      lock.close();
    } else {
      lock.abandon();
    }
  }
}
