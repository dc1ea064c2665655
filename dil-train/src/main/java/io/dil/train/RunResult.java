package io.dil.train;

import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a run came to.
 *
 * @param outcome how it ended
 * @param folder where its model, metrics and report are: {@code output_dir}
 * @param lastStep the metrics of the last step that was taken, by the names that {@code
 *     metrics.jsonl} has; empty where none was
 * @param lastEvaluation those of the last evaluation; empty where there was none
 */
public record RunResult(
    TrainingRun.Outcome outcome,
    Path folder,
    Map<String, Double> lastStep,
    Map<String, Double> lastEvaluation) {
  private static final String STEP = "step";

  /** Keeps copies. */
  public RunResult {
    lastStep = Map.copyOf(lastStep);
    lastEvaluation = Map.copyOf(lastEvaluation);
  }

  /** Returns whether all steps were taken and the model was written. */
  public boolean finished() {
    return outcome == TrainingRun.Outcome.FINISHED;
  }

  /** Returns how many steps the run has behind it. */
  public long steps() {
    return lastStep.getOrDefault(STEP, 0.0).longValue();
  }

  static RunResult of(TrainingRun.Outcome outcome, Path folder) {
    Path file = folder.resolve(MetricsFile.NAME);
    try {
      List<Map<String, Double>> rows =
          Files.exists(file) ? MetricsFile.read(file) : List.<Map<String, Double>>of();
      Map<String, Double> step = Map.of();
      Map<String, Double> evaluation = Map.of();
      for (Map<String, Double> row : rows) {
        if (row.containsKey("loss")) {
          step = row;
        } else {
          evaluation = row;
        }
      }
      return new RunResult(outcome, folder, step, evaluation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
