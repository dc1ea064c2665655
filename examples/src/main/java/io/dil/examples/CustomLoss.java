package io.dil.examples;

import io.dil.losses.LossDescription;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import java.util.Map;

/**
 * Trains with a loss of one's own, given as a lambda; no list has to know of it.
 *
 * <p>Here it is least-squares fitting of the log-ratio itself, (r_w − 1)² + (r_l + 1)², which keeps
 * the chosen response from falling and the rejected one from falling too far.
 *
 * <p>Arguments: model folder, data as FORMAT:PLACE, output folder, steps.
 */
public final class CustomLoss {
  private CustomLoss() {}

  /** Trains. */
  public static void main(String[] args) {
    // Both arguments have the shape (B): log-ratios of policy to reference, a mean over tokens.
    PairwiseLoss loss =
        PairwiseLoss.ofLogRatios(
            Reduction.MEAN,
            (chosen, rejected) -> chosen.sub(1).square().add(rejected.add(1).square()));
    TrainingConfig config =
        TrainingConfig.of(
            Map.of(
                "model_name_or_path", args[0],
                "dataset_name", args[1],
                "output_dir", args[2],
                "max_steps", args[3],
                "learning_rate", 1e-3,
                "max_length", 256));
    // What the model's card says of it; without this it is called custom.
    LossDescription description =
        LossDescription.of("squared-ratios", "(r_w - 1)^2 + (r_l + 1)^2, means over tokens");
    new TrainingRun(config).withLoss(loss, description).run();
  }
}
