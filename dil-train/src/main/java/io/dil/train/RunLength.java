package io.dil.train;

import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.TrainState;

/**
 * How long a run is.
 *
 * @param examplesPerEpoch examples, or on-policy prompts, of one pass over the data; 0 where they
 *     were not counted
 * @param rowsPerEpoch rows of one pass; 0 where examples were counted
 * @param perEpoch steps of one pass; 0 where examples were not counted
 * @param steps of the run
 */
record RunLength(long examplesPerEpoch, long rowsPerEpoch, long perEpoch, long steps) {

  static RunLength resumed(TrainState state, int batchSize, boolean joins) {
    return new RunLength(
        state.examplesPerEpoch(),
        state.rowsPerEpoch(),
        StepBatches.count(state.examplesPerEpoch(), batchSize, joins),
        state.totalSteps());
  }

  /**
   * Counts the data where the settings ask for passes over it.
   *
   * @param batchSize examples of a step
   * @param joins see {@link StepBatches}
   * @throws io.dil.core.InputException if there are none
   */
  static RunLength count(
      TrainingConfig config,
      RunData data,
      boolean onPolicy,
      int batchSize,
      boolean joins,
      ContextWarning context,
      TrainingListener listener) {
    int most = config.get(Settings.MAX_STEPS);
    if (most > 0 && !Rhythm.goesByEpochs(config)) {
      return new RunLength(0, data.rows(), 0, most);
    }
    String what = onPolicy ? "prompt" : "example";
    listener.message("counting the " + what + "s of one epoch");
    RunData.Count count = onPolicy ? data.countPrompts() : data.count(context.limit());
    if (count.examples() == 0) {
      throw RunData.noExample("training data must give at least one " + what, count.dropped());
    }
    listener.message(count.examples() + " " + what + "s per epoch");
    context.counted(count.beyondContext(), count.examples());
    long perEpoch = StepBatches.count(count.examples(), batchSize, joins);
    long steps =
        most > 0 ? most : Math.max(1, (long) Math.ceil(perEpoch * config.get(Settings.EPOCHS)));
    return new RunLength(count.examples(), 0, perEpoch, steps);
  }
}
