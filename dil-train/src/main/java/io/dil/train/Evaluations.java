package io.dil.train;

import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a run is evaluated on while it goes on: held-out examples and slices of benchmarks. */
final class Evaluations {
  private final RunData data;
  private final Trainer trainer;
  private final RankModels models;
  private final Optional<TaskSlices> tasks;

  Evaluations(TrainingConfig config, RunData data, Trainer trainer, RankModels models) {
    this.data = data;
    this.trainer = trainer;
    this.models = models;
    tasks = TaskSlices.of(config, Models.folder(config.get(Settings.MODEL)));
  }

  /** Returns the metrics of the model as it is; empty where there is nothing to evaluate on. */
  Map<String, Double> run() {
    Map<String, Double> row = new LinkedHashMap<>();
    Optional<RunData.HeldOut> heldOut = data.evaluation();
    if (heldOut.isPresent()) {
      row.putAll(trainer.evaluate(heldOut.get()));
      if (heldOut.get().examples() == 0) {
        throw RunData.noExample(
            "held-out data must give at least one example", heldOut.get().dropped());
      }
    }
    tasks.ifPresent(
        slices -> row.putAll(models.ofLeader(models.withPolicy(slices::run, Map.of()))));
    return row;
  }
}
