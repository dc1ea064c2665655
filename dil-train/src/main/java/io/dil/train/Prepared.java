package io.dil.train;

import ai.djl.Device;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.PairSettings;
import io.dil.train.config.ReferenceSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.optim.OptimizerType;
import io.dil.train.rank.Cluster;
import io.dil.train.rank.Ranks;
import io.dil.train.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of a run before it opens what must be closed.
 *
 * @param model where it begins
 * @param output where it writes
 * @param devices of all ranks, in order; this process's own stands for those of other processes
 */
record Prepared(
    StoredModel model,
    Path output,
    ExampleTokenizer tokenizer,
    List<Device> devices,
    RunData data,
    RunIdentity identity) {

  /** Refuses settings that a traced model cannot follow. */
  static void requireFamily(TrainingConfig config, StoredModel model) {
    for (Setting<?> ofFamilies :
        List.of(
            CourseSettings.TOKEN_METRICS,
            ReferenceSettings.SYNC,
            PairSettings.LD_ALPHA,
            PairSettings.WEIGHTING)) {
      if (!config.get(ofFamilies).equals(ofFamilies.fallback())) {
        model.requireFamily(ofFamilies.name());
      }
    }
    if (config.get(OptimSettings.OPTIM) == OptimizerType.MUON) {
      model.requireFamily("optim muon");
    }
  }

  /** Returns the first device of this process. */
  Device device() {
    return devices.get(0);
  }

  /** Opens the folder that the run writes to; one process alone holds it. */
  RunFolder folder(TrainingConfig config, Cluster cluster) {
    return cluster.leads()
        ? RunFolder.open(output, config.get(Settings.OVERWRITE))
        : RunFolder.follow(output);
  }

  /** Starts the ranks of this process. */
  Ranks ranks(Cluster cluster) {
    return cluster.isShared() ? Ranks.of(cluster, device()) : Ranks.start(devices);
  }

  /**
   * Returns what must be the same in all processes, by the names that messages have for it:
   * settings, contents of model and data, versions. Of the data one process of a machine hashes the
   * contents, all say how large it is.
   */
  Map<String, String> parts(TrainingConfig config, Cluster cluster) {
    Map<String, String> parts = new TreeMap<>(config.asText());
    identity.inputs().forEach((name, hash) -> parts.put("the contents of " + name, hash));
    parts.put("the loss", identity.loss());
    parts.put("dil", RunEnd.version());
    for (String name : List.of("device", "pytorch")) {
      parts.put(name, identity.environment().getOrDefault(name, ""));
    }
    if (cluster.isShared()) {
      parts.put("the library between ranks", cluster.linkName());
      parts.put("the size of the data", data.sizes());
      if (cluster.launch().localRank() == 0) {
        parts.put("the contents of the data", data.contentHash());
      }
    }
    return parts;
  }
}
