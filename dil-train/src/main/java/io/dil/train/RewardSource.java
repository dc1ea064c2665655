package io.dil.train;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.model.CausalLm;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.pair.RewardModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rewards of an on-policy run: a reward model with its own tokenizer, or the caller's rule. */
final class RewardSource implements AutoCloseable {
  private final AnswerRewards rewards;
  private final List<CausalLm> models = new ArrayList<>();

  private RewardSource(AnswerRewards rewards, List<CausalLm> models) {
    this.rewards = rewards;
    this.models.addAll(models);
  }

  /**
   * Opens what the settings name, or takes the caller's own.
   *
   * @throws InputException if there is neither, or the folder is no reward model
   */
  static RewardSource open(TrainingConfig config, @Nullable AnswerRewards own, Device device) {
    String place = config.get(OnPolicySettings.REWARD);
    if (own != null) {
      return new RewardSource(own, List.of());
    }
    if (place.isEmpty()) {
      throw new InputException(
          "on_policy needs a reward: set on_policy_reward to the folder of a reward model, or give"
              + " the run a rule in Java (TrainingRun.withReward)");
    }
    ModelPlace given = new ModelPlace(place, null);
    StoredModel stored = StoredModel.open(given.base(), false);
    Path adapter = given.adapter();
    if (adapter != null && !AdapterConfig.read(adapter).reward()) {
      throw refused(adapter, "is an adapter without a reward head");
    }
    if (adapter == null && !stored.isReward()) {
      throw refused(given.base(), "is no reward model");
    }
    ExampleTokenizer tokenizer = ExampleTokenizer.load(given.tokenizer(), Truncation.NONE);
    DecoderLm model =
        DecoderLm.loadReward(
            stored.requireFamily("on_policy_reward"),
            // An adapter has a head of its own, so what the base's is drawn from does not matter.
            new RewardStart(tokenizer.padId(), 0),
            device,
            RunModels.precision(config),
            Sharding.NONE,
            false);
    List<CausalLm> models = new ArrayList<>(List.of(model));
    try {
      if (adapter != null) {
        models.add(0, AdapterFolder.read(adapter, model).on(model));
      }
      return new RewardSource(new RewardModel(models.get(0), tokenizer), models);
    } catch (RuntimeException e) {
      models.forEach(CausalLm::close);
      throw e;
    }
  }

  private static InputException refused(Path folder, String what) {
    return new InputException(
        "on_policy_reward: " + folder + " " + what + "; train one with loss_type reward-bt");
  }

  /** Returns the files that decide what rewards are; none where the settings name no model. */
  static List<Path> files(TrainingConfig config) {
    String place = config.get(OnPolicySettings.REWARD);
    if (place.isEmpty()) {
      return List.of();
    }
    ModelPlace given = new ModelPlace(place, null);
    List<Path> files = given.files(StoredModel.open(given.base(), false));
    files.add(given.tokenizer().resolve("tokenizer.json"));
    return files;
  }

  AnswerRewards rewards() {
    return rewards;
  }

  @Override
  public void close() {
    models.forEach(CausalLm::close);
  }
}
