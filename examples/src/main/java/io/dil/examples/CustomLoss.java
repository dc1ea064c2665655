package io.dil.examples;

import io.dil.losses.LossDescription;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;
import io.dil.train.TrainingRun;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.util.List;

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
        TrainingConfig.builder()
            .set(Settings.MODEL, args[0])
            .set(Settings.DATASET, List.of(args[1]))
            .set(Settings.OUTPUT_DIR, args[2])
            .set(Settings.MAX_STEPS, Integer.valueOf(args[3]))
            .set(Settings.LEARNING_RATE, 1e-3)
            .set(Settings.MAX_LENGTH, 256)
            .build();
    // What the model's card says of it.
    LossDescription description =
        LossDescription.of("squared-ratios", "(r_w - 1)^2 + (r_l + 1)^2, means over tokens");
    new TrainingRun(config).withLoss(loss, description).run();
  }
}
