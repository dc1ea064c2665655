package io.dil.train;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.collective.Collectives;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardStart;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The models of a run, each loaded when it is first asked for: the policy and the reference. */
interface RunModels extends AutoCloseable {
  /**
   * Loads nothing yet.
   *
   * @param group the ranks that train together, each with models of its own
   * @param reward how the model becomes a reward model; null where a language model is trained
   * @param model where the run begins
   * @param checkpoint where it goes on; null for a fresh run
   * @throws InputException if a setting asks for what the model cannot do
   */
  static RunModels of(
      TrainingConfig config,
      @Nullable RewardStart reward,
      StoredModel model,
      @Nullable Path checkpoint,
      Device device,
      ComputeOptions compute,
      Collectives group) {
    ModelFolder folder = model.safetensors();
    if (folder != null) {
      return new FamilyModels(config, reward, folder, checkpoint, device, compute, group);
    }
    if (group.size() > 1) {
      throw new InputException(
          "devices must be one for a TorchScript module, got "
              + config.get(DeviceSettings.DEVICES));
    }
    return new TracedModels(config, model, checkpoint, device, compute);
  }

  /** Returns the type in which the settings ask both models to compute. */
  static Precision precision(TrainingConfig config) {
    return config.get(DeviceSettings.BF16) ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /** Returns the reference that the settings name, or null where it is where the run begins. */
  static @Nullable StoredModel ownReference(TrainingConfig config) {
    String place = config.get(Settings.REF_MODEL);
    return place.isEmpty()
        ? null
        : StoredModel.open(Models.folder(place), config.get(Settings.TRUST_TORCHSCRIPT))
            .requireText();
  }

  /** Returns the model that is trained. */
  CausalLm policy();

  /** Returns the names of the weights of its embedding and output projection, where known. */
  Set<String> tables();

  /** Returns the reference's scores; closing them leaves the policy as it is. */
  ReferenceScores reference();

  /** Returns the files that decide what the reference is. */
  List<Path> referenceFiles();

  /**
   * Writes what a checkpoint needs of the policy: its weights, or its adapter. Every rank calls it,
   * and rank 0 writes.
   */
  void save(Path folder) throws IOException;

  /**
   * Writes what the run is for, a model folder or an adapter's, into an empty folder; by every
   * rank, as {@link #save}.
   */
  void finish(Path folder) throws IOException;

  @Override
  void close();
}
