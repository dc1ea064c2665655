package io.dil.train;

import io.dil.train.config.CourseSettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.PairSettings;
import io.dil.train.config.ReferenceSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.TrainingConfig;
import io.dil.train.optim.OptimizerType;
import java.util.List;

/** What only a model of a known family can do, and a TorchScript module cannot. */
final class FamilyNeeds {
  private static final List<Setting<?>> SETTINGS =
      List.of(
          CourseSettings.TOKEN_METRICS,
          ReferenceSettings.SYNC,
          PairSettings.LD_ALPHA,
          PairSettings.WEIGHTING);

  private FamilyNeeds() {}

  /**
   * Looks at the settings that ask for it.
   *
   * @throws io.dil.core.InputException that names one, where the model is of no known family
   */
  static void check(TrainingConfig config, StoredModel model) {
    for (Setting<?> setting : SETTINGS) {
      if (!setting.fallback().equals(config.get(setting))) {
        model.requireFamily(setting.name());
      }
    }
    if (config.get(OptimSettings.OPTIM) == OptimizerType.MUON) {
      model.requireFamily("optim muon");
    }
  }
}
