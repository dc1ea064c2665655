package io.dil.examples;

import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.util.List;
import java.util.Map;

/**
 * Trains a model with DIL (LSIF) on Anthropic HH.
 *
 * <p>Arguments: model folder, HH file ({@code .jsonl} or {@code .jsonl.gz}), output folder, steps.
 */
public final class TrainDil {
  private TrainDil() {}

  /** Trains and prints a line a step. */
  public static void main(String[] args) {
    TrainingConfig config =
        TrainingConfig.builder()
            .set(Settings.MODEL, args[0])
            .set(Settings.DATASET, List.of("hh:" + args[1]))
            .set(Settings.OUTPUT_DIR, args[2])
            .set(Settings.MAX_STEPS, Integer.valueOf(args[3]))
            .set(Settings.LOSS_TYPE, "dil-lsif")
            .set(Settings.LEARNING_RATE, 2e-4)
            .set(Settings.BATCH_SIZE, 8)
            .set(Settings.MAX_LENGTH, 256)
            .set(Settings.EVAL_HOLDOUT, 0.05)
            .set(Settings.MAX_EVAL_SAMPLES, 32)
            .build();
    TrainingListener printer =
        new TrainingListener() {
          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            System.out.println(step + " " + metrics.get("loss"));
          }
        };
    new TrainingRun(config, printer).run();
  }
}
