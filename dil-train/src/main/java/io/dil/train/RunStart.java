package io.dil.train;

import io.dil.core.InputException;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a run begins: at the start, or after a checkpoint of the same run.
 *
 * @param checkpoint the checkpoint; null at the start
 * @param state what it says; null at the start
 */
record RunStart(@Nullable Path checkpoint, @Nullable TrainState state) {
  /** The start. */
  static final RunStart FRESH = new RunStart(null, null);

  /**
   * Looks for a checkpoint to go on from. One of the same run always is, whatever {@code
   * overwrite_output_dir} says: the same command goes on with a run that was killed. With that
   * setting, a run that was finished or had other settings is replaced.
   *
   * @throws InputException if there is a run that cannot be gone on with and may not be replaced
   */
  static RunStart of(
      RunFolder folder, TrainingConfig config, RunIdentity identity, TrainingListener listener)
      throws IOException {
    boolean overwrite = config.get(Settings.OVERWRITE);
    if (folder.isFinished()) {
      // Opening the folder has made sure that it may be replaced.
      listener.message("starting over; " + folder.path() + " holds a finished run");
      return FRESH;
    }
    try {
      Path checkpoint = folder.lastWhole(listener::message).orElse(null);
      if (checkpoint == null) {
        return FRESH;
      }
      TrainState state = RunFolder.state(checkpoint);
      requireSame(state, config, identity);
      if (overwrite) {
        listener.message("going on with the run in " + folder.path() + "; delete it to start over");
      }
      List<String> changes = RunEnvironment.changes(state.environment(), identity.environment());
      if (!changes.isEmpty()) {
        listener.message(
            "results may differ in their last bits from those of one uninterrupted run: "
                + String.join(", ", changes));
      }
      return new RunStart(checkpoint, state);
    } catch (InputException e) {
      if (!overwrite) {
        throw e;
      }
      listener.message("starting over; " + e.getMessage());
      return FRESH;
    }
  }

  /** Returns the name of the checkpoint in its run's folder; empty at the start. */
  String name() {
    return checkpoint == null ? "" : String.valueOf(checkpoint.getFileName());
  }

  /**
   * Returns where a process begins that goes on from the checkpoint that another one found.
   *
   * @throws InputException if the checkpoint is not there
   */
  static RunStart at(RunFolder folder, String name) {
    if (name.isEmpty()) {
      return FRESH;
    }
    Path checkpoint = folder.path().resolve(name);
    if (Files.notExists(checkpoint)) {
      throw new InputException(
          checkpoint
              + ": must be there on every rank to go on from; put output_dir on storage that all"
              + " machines share");
    }
    return new RunStart(checkpoint, RunFolder.state(checkpoint));
  }

  private static void requireSame(TrainState state, TrainingConfig config, RunIdentity identity) {
    Map<String, String> now = config.shaping();
    TreeSet<String> names = new TreeSet<>(state.settings().keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String before = state.settings().getOrDefault(name, "nothing");
      String current = now.getOrDefault(name, "nothing");
      if (!current.equals(before)) {
        throw new InputException(
            "cannot go on from the checkpoint in output_dir: "
                + name
                + " was "
                + before
                + " and is "
                + current
                + "; restore it or set overwrite_output_dir=true");
      }
    }
    if (!state.loss().equals(identity.loss())) {
      throw new InputException(
          "cannot go on from the checkpoint in output_dir: the loss "
              + config.loss().name()
              + " has other values than the one that the run began with; restore it or set"
              + " overwrite_output_dir=true");
    }
    RunInputs.requireSame(state.inputs(), identity.inputs());
  }
}
