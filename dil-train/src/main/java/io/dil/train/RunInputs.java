package io.dil.train;

import io.dil.core.InputException;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.Checksums;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run reads, by content: a hash for every setting that names files, so that a run goes on
 * with the same model wherever it lies, and with no other. The training data has a hash of its own,
 * in {@link io.dil.data.stream.DataPosition}.
 */
final class RunInputs {
  /** The files beside those of the model itself that decide on what is trained. */
  private static final List<String> DESCRIPTIONS =
      List.of(
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja");

  private RunInputs() {}

  /** Returns the hash of every setting's files by the setting's name; sorted. */
  static Map<String, String> of(TrainingConfig config, StoredModel model, RunData data) {
    Map<String, String> hashes = new TreeMap<>();
    hashes.put(Settings.MODEL.name(), Checksums.ofNamed(files(model)));
    StoredModel reference = RunModels.ownReference(config);
    if (reference != null) {
      hashes.put(Settings.REF_MODEL.name(), Checksums.ofNamed(files(reference)));
    }
    if (!config.get(Settings.ADAPTER).isEmpty()) {
      Path adapter = Path.of(config.get(Settings.ADAPTER));
      hashes.put(
          Settings.ADAPTER.name(),
          Checksums.ofNamed(
              List.of(
                  adapter.resolve(AdapterConfig.FILE), adapter.resolve(AdapterFolder.WEIGHTS))));
    }
    List<Path> rewards = RewardSource.files(config);
    if (!rewards.isEmpty()) {
      hashes.put(OnPolicySettings.REWARD.name(), Checksums.ofNamed(rewards));
    }
    if (!config.get(Settings.CHAT_TEMPLATE).isEmpty()) {
      put(hashes, Settings.CHAT_TEMPLATE, List.of(config.get(Settings.CHAT_TEMPLATE)));
    }
    put(hashes, Settings.DECONTAMINATE, config.get(Settings.DECONTAMINATE));
    List<Path> heldOut = data.heldOutFiles();
    if (!heldOut.isEmpty()) {
      hashes.put(Settings.EVAL_DATASET.name(), Checksums.ofNamed(heldOut));
    }
    return hashes;
  }

  private static void put(Map<String, String> hashes, Setting<?> setting, List<String> files) {
    if (!files.isEmpty()) {
      hashes.put(setting.name(), Checksums.ofNamed(files.stream().map(Path::of).toList()));
    }
  }

  private static List<Path> files(StoredModel model) {
    List<Path> files = new ArrayList<>(model.files());
    for (String name : DESCRIPTIONS) {
      if (Files.exists(model.path().resolve(name))) {
        files.add(model.path().resolve(name));
      }
    }
    return files;
  }

  /**
   * Refuses inputs that are not those that a run began with.
   *
   * @throws InputException that names the setting
   */
  static void requireSame(Map<String, String> then, Map<String, String> now) {
    TreeMap<String, String> all = new TreeMap<>(then);
    all.putAll(now);
    for (String name : all.keySet()) {
      if (!then.getOrDefault(name, "").equals(now.getOrDefault(name, ""))) {
        throw new InputException(
            "cannot go on from the checkpoint in output_dir: the contents of "
                + name
                + " are not those that the run began with; restore them or set"
                + " overwrite_output_dir=true");
      }
    }
  }
}
