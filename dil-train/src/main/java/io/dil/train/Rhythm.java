package io.dil.train;

import io.dil.train.config.CourseSettings;
import io.dil.train.config.EvalStrategy;
import io.dil.train.config.SaveStrategy;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;

/**
 * After which steps a run evaluates and writes a checkpoint.
 *
 * <p>Source: transformers 5.24, {@code DefaultFlowCallback}. There the end has a checkpoint too;
 * here it has the model itself.
 *
 * @param evaluation when it evaluates
 * @param evalSteps steps between evaluations; 0 for none
 * @param delay the first step, or epoch, that may be evaluated
 * @param onStart whether it evaluates before the first step
 * @param saving when it writes a checkpoint
 * @param saveSteps steps between checkpoints; 0 for none
 * @param perEpoch steps of one pass over the data; 0 where nobody asks
 * @param total steps of the run
 */
record Rhythm(
    EvalStrategy evaluation,
    long evalSteps,
    double delay,
    boolean onStart,
    SaveStrategy saving,
    long saveSteps,
    long perEpoch,
    long total) {

  static Rhythm of(TrainingConfig config, long perEpoch, long total) {
    return new Rhythm(
        config.get(CourseSettings.EVAL_STRATEGY),
        config.get(Settings.EVAL_STEPS).steps(total),
        config.get(CourseSettings.EVAL_DELAY),
        config.get(CourseSettings.EVAL_ON_START),
        config.get(CourseSettings.SAVE_STRATEGY),
        config.get(Settings.SAVE_STEPS).steps(total),
        perEpoch,
        total);
  }

  /** Returns whether the settings ask for the length of an epoch. */
  static boolean goesByEpochs(TrainingConfig config) {
    return config.get(CourseSettings.EVAL_STRATEGY) == EvalStrategy.EPOCH
        || config.get(CourseSettings.SAVE_STRATEGY) == SaveStrategy.EPOCH;
  }

  /** Returns whether there is an evaluation after {@code step}; 0 is before the first. */
  boolean evaluatesAt(long step) {
    if (step == 0) {
      return onStart && evaluation != EvalStrategy.NO;
    }
    return switch (evaluation) {
      case NO -> false;
      case STEPS -> delay <= step && (step == total || (evalSteps > 0 && step % evalSteps == 0));
      case EPOCH -> delay <= (double) step / perEpoch && (step == total || step % perEpoch == 0);
    };
  }

  /** Returns whether a run that ends after {@code step} evaluates there. */
  boolean evaluatesAtEnd(long step) {
    return evaluation != EvalStrategy.NO
        && delay <= (evaluation == EvalStrategy.EPOCH ? (double) step / perEpoch : step);
  }

  /** Returns whether a checkpoint is due after {@code step}, whatever an evaluation gave. */
  boolean savesAt(long step) {
    return step < total
        && switch (saving) {
          case NO, BEST -> false;
          case STEPS -> saveSteps > 0 && step % saveSteps == 0;
          case EPOCH -> step % perEpoch == 0;
        };
  }
}
