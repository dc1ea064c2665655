package io.dil.train;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.TrainingState;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.model.lora.LoraConfig;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.ReferenceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.reference.MovingReference;
import io.dil.train.reference.ReferenceScores;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The models of a run of a known family: the policy, all of it or an adapter on a frozen base, and
 * the reference.
 *
 * <p>With an adapter there is one model in memory. The reference is the base with the adapter off,
 * or, where training goes on from an adapter, with a second, frozen copy of that one.
 */
final class FamilyModels implements RunModels {
  private final TrainingConfig config;
  private final @Nullable RewardStart reward;
  private final ModelFolder model;
  private final @Nullable Path checkpoint;
  private final Device device;
  private final Precision precision;
  private final Sharding sharding;
  private final int rank;
  private final ComputeOptions compute;
  private @Nullable DecoderLm base;
  private @Nullable LoraAdapter adapter;
  private @Nullable DecoderLm policy;
  private @Nullable StoredModel ownReference;

  FamilyModels(
      TrainingConfig config,
      @Nullable RewardStart reward,
      ModelFolder model,
      @Nullable Path checkpoint,
      Device device,
      ComputeOptions compute,
      Collectives group) {
    this.rank = group.rank();
    sharding = new Sharding(group, config.get(DeviceSettings.ZERO_STAGE) == 3);
    this.config = config;
    this.reward = reward;
    this.model = model;
    this.checkpoint = checkpoint;
    this.device = device;
    this.compute = compute;
    precision = RunModels.precision(config);
  }

  @Override
  public DecoderLm policy() {
    DecoderLm known = policy;
    if (known == null) {
      known = config.get(Settings.USE_PEFT) ? adapted() : whole();
      policy = known;
    }
    return known;
  }

  @Override
  public Set<String> tables() {
    return policy().spec().tables();
  }

  private DecoderLm whole() {
    // Weights come from the checkpoint, everything that describes the model from where it began.
    ModelFolder weights = checkpoint == null ? model : ModelFolder.open(checkpoint);
    return load(weights)
        .trainAll(
            new TrainingState(
                config.get(DeviceSettings.PURE_BF16) ? precision.storage() : StorageType.F32,
                config.get(DeviceSettings.GRADIENT_TYPE).storage(),
                config.get(DeviceSettings.OFFLOAD_OPTIMIZER)));
  }

  private DecoderLm adapted() {
    LoraAdapter made;
    Path stored = checkpoint == null ? start() : checkpoint;
    if (stored != null) {
      made = AdapterFolder.read(stored, base());
      // As in PEFT, an adapter that training goes on from keeps its own dropout unless one is
      // given.
      if (config.has(Settings.LORA_DROPOUT)) {
        made.setDropout(config.get(Settings.LORA_DROPOUT));
      }
    } else {
      made =
          LoraAdapter.create(
              base(),
              new LoraConfig(
                  config.get(Settings.LORA_R),
                  config.get(Settings.LORA_ALPHA),
                  config.get(Settings.LORA_TARGETS),
                  config.get(Settings.USE_RSLORA),
                  config.get(Settings.LORA_DROPOUT)),
              config.get(Settings.SEED));
    }
    adapter = made;
    return made.on(base()).trainAdapter(made.config().dropout());
  }

  private DecoderLm load(ModelFolder folder) {
    return reward == null
        ? DecoderLm.load(folder, device, precision, sharding)
        : DecoderLm.loadReward(folder, reward, device, precision, sharding, false);
  }

  private DecoderLm base() {
    DecoderLm known = base;
    if (known == null) {
      known = load(model);
      base = known;
    }
    return known;
  }

  /** Returns the reference that the settings name, looked for once: a hub may be away later. */
  private @Nullable StoredModel ownReference() {
    if (ownReference == null) {
      ownReference = RunModels.ownReference(config);
    }
    return ownReference;
  }

  private @Nullable Path start() {
    String path = config.get(Settings.ADAPTER);
    return path.isEmpty() ? null : Path.of(path);
  }

  @Override
  public ReferenceScores reference() {
    Path start = start();
    StoredModel own = ownReference();
    if (config.get(ReferenceSettings.SYNC)) {
      return moving(own);
    }
    if (own != null || !config.get(Settings.USE_PEFT)) {
      return ReferenceScores.frozen(frozen(own), compute);
    }
    if (start != null) {
      return ReferenceScores.frozen(AdapterFolder.read(start, base()).on(base()), compute);
    }
    return ReferenceScores.of(base(), compute);
  }

  private ReferenceScores moving(@Nullable StoredModel own) {
    ModelFolder folder = own == null ? model : own.requireFamily("sync_ref_model");
    MovingReference moving =
        new MovingReference(
            DecoderLm.load(folder, device, precision),
            compute,
            config.get(ReferenceSettings.ALPHA),
            config.get(ReferenceSettings.STEPS));
    try {
      if (checkpoint != null) {
        moving.resume(checkpoint);
      }
      return moving;
    } catch (IOException | RuntimeException e) {
      moving.close();
      throw e instanceof IOException io ? new UncheckedIOException(io) : (RuntimeException) e;
    }
  }

  private CausalLm frozen(@Nullable StoredModel own) {
    // Scores that are precomputed are not computed by all ranks at once.
    boolean together = !config.get(Settings.PRECOMPUTE_REFERENCE);
    ModelFolder folder = own == null ? model : own.safetensors();
    return folder == null
        ? Objects.requireNonNull(own).load(device, precision)
        : config.get(DeviceSettings.OFFLOAD_REFERENCE)
            ? DecoderLm.loadHosted(folder, device, precision)
            : DecoderLm.load(folder, device, precision, together ? sharding : Sharding.NONE);
  }

  @Override
  public List<Path> referenceFiles() {
    StoredModel own = ownReference();
    if (own != null) {
      return own.files();
    }
    List<Path> files = new ArrayList<>(new StoredModel(model.path(), model).files());
    Path start = start();
    if (start != null) {
      files.add(start.resolve(AdapterConfig.FILE));
      files.add(start.resolve(AdapterFolder.WEIGHTS));
    }
    return files;
  }

  @Override
  public void save(Path folder) throws IOException {
    if (adapter == null) {
      ModelWriter.write(folder, policy(), model);
    } else {
      BaseName name = BaseName.of(config.get(Settings.MODEL));
      AdapterFolder.write(folder, adapter, base(), name.name(), name.revision());
    }
  }

  @Override
  public void finish(Path folder) throws IOException {
    save(folder);
    if (rank > 0) {
      if (adapter != null && config.get(Settings.MERGE_ADAPTER)) {
        ModelWriter.write(folder.resolve(RunFolder.MERGED), policy(), model);
      }
      return;
    }
    if (adapter != null) {
      ModelWriter.copyCompanions(folder, model.path());
      if (config.get(Settings.MERGE_ADAPTER)) {
        ModelWriter.write(folder.resolve(RunFolder.MERGED), policy(), model);
      }
    }
  }

  @Override
  public void close() {
    if (policy != null) {
      policy.close();
    }
    if (base != null) {
      base.close();
    }
  }
}
