package io.dil.train;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.traced.TracedLm;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The models of a run that trains a TorchScript module: all of it, in the types that it has. */
final class TracedModels implements RunModels {
  private final TrainingConfig config;
  private final StoredModel model;
  private final @Nullable Path checkpoint;
  private final Device device;
  private final ComputeOptions compute;
  private @Nullable TracedLm policy;
  private @Nullable StoredModel reference;

  TracedModels(
      TrainingConfig config,
      StoredModel model,
      @Nullable Path checkpoint,
      Device device,
      ComputeOptions compute) {
    for (var setting : List.of(Settings.USE_PEFT, DeviceSettings.BF16)) {
      if (config.get(setting)) {
        throw new InputException(
            setting.name()
                + " needs a model of a known family, got TorchScript in "
                + model.path().resolve(TracedLm.FILE));
      }
    }
    this.config = config;
    this.model = model;
    this.checkpoint = checkpoint;
    this.device = device;
    this.compute = compute;
  }

  @Override
  public TracedLm policy() {
    TracedLm known = policy;
    if (known == null) {
      known = TracedLm.load(checkpoint == null ? model.path() : checkpoint, device).trainAll();
      policy = known;
    }
    return known;
  }

  @Override
  public Set<String> tables() {
    return Set.of();
  }

  private StoredModel frozen() {
    StoredModel known = reference;
    if (known == null) {
      known = Objects.requireNonNullElse(RunModels.ownReference(config), model);
      reference = known;
    }
    return known;
  }

  @Override
  public ReferenceScores reference() {
    return ReferenceScores.frozen(frozen().load(device, RunModels.precision(config)), compute);
  }

  @Override
  public List<Path> referenceFiles() {
    return frozen().files();
  }

  @Override
  public void save(Path folder) throws IOException {
    policy().write(folder, model.path());
  }

  @Override
  public void finish(Path folder) throws IOException {
    save(folder);
  }

  @Override
  public void close() {
    if (policy != null) {
      policy.close();
    }
  }
}
