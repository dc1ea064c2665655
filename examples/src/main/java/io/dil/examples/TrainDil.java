package io.dil.examples;

import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
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
        TrainingConfig.of(
            Map.of(
                "model_name_or_path",
                args[0],
                "dataset_name",
                "hh:" + args[1],
                "output_dir",
                args[2],
                "max_steps",
                args[3],
                "loss_type",
                "dil-lsif",
                "learning_rate",
                2e-4,
                "per_device_train_batch_size",
                8,
                "max_length",
                256,
                "eval_holdout",
                0.05,
                "max_eval_samples",
                32));
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
