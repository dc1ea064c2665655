package io.dil.train;

import io.dil.train.config.CourseSettings;
import io.dil.train.config.SaveStrategy;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.BestState;
import io.dil.train.run.RunCourse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which model of a run is its best, and when looking for a better one is over.
 *
 * <p>Source: transformers 5.24, {@code Trainer._determine_best_metric}, {@code _save_checkpoint}
 * and {@code EarlyStoppingCallback}. A model is better if its metric is, by however little;
 * patience asks for an improvement of more than a threshold over the best before. The best model
 * that can be had in the end is the last that was best when its checkpoint was written.
 */
final class BestModel {
  private final TrainingConfig config;
  private final boolean tracks;
  private final boolean greater;
  private @Nullable BestState best;
  private int worse;

  BestModel(TrainingConfig config, RunCourse resumed) {
    this.config = config;
    tracks = CourseSettings.tracksBest(config);
    greater = CourseSettings.greaterIsBetter(config);
    best = resumed.best();
    worse = resumed.worse();
  }

  /** Returns whether the settings ask for it. */
  boolean isTracked() {
    return tracks;
  }

  /** Makes sure that an evaluation has the metric, which a run must not learn at its end. */
  void require(Map<String, Double> evaluation) {
    if (tracks) {
      CourseSettings.value(config, evaluation);
    }
  }

  /** Takes what an evaluation after {@code step} gave; returns whether it was the best so far. */
  boolean evaluated(long step, Map<String, Double> evaluation) {
    if (!tracks) {
      return false;
    }
    double value = CourseSettings.value(config, evaluation);
    BestState before = best;
    boolean enough =
        before == null
            || (isBetter(value, before.value())
                && Math.abs(value - before.value()) > config.get(CourseSettings.THRESHOLD));
    worse = enough ? 0 : worse + 1;
    double bar =
        before != null
            ? before.value()
            : greater ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    boolean better = isBetter(value, bar);
    best =
        new BestState(
            better ? value : bar,
            better ? step : before == null ? 0 : before.step(),
            before == null ? 0 : before.kept());
    return better;
  }

  private boolean isBetter(double value, double than) {
    return greater ? value > than : value < than;
  }

  /** Takes note that the checkpoint of {@code step}, which was due, is or will be there. */
  void saved(long step) {
    if (best != null && best.step() == step) {
      best = new BestState(best.value(), step, step);
    }
  }

  /** Returns whether a checkpoint is due because the last evaluation was the best. */
  boolean asksToSave(boolean better) {
    return better && config.get(CourseSettings.SAVE_STRATEGY) == SaveStrategy.BEST;
  }

  /** Returns why the run is over; empty where it is not. */
  String exhausted() {
    int patience = config.get(CourseSettings.PATIENCE);
    return patience == 0 || worse < patience
        ? ""
        : CourseSettings.metric(config)
            + " was no better in "
            + worse
            + (worse == 1 ? " evaluation" : " evaluations in a row");
  }

  /** Returns the best model; null where there is none yet. */
  @Nullable BestState best() {
    return best;
  }

  /** Returns the step whose checkpoint holds the best model that can be had; 0 for none. */
  long kept() {
    return best == null ? 0 : best.kept();
  }

  /** Returns what a checkpoint has of it. */
  RunCourse course(String ended, double rate) {
    return new RunCourse(best, worse, ended, rate);
  }
}
