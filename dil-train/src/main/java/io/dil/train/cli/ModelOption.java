package io.dil.train.cli;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardStart;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.train.Devices;
import io.dil.train.LoadedModel;
import io.dil.train.ModelPlace;
import io.dil.train.StoredModel;
import io.dil.train.reference.ScoreFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that loads a model. */
final class ModelOption {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model folder or hf://ORG/NAME, or an adapter's that names its model.")
  private @Nullable String model;

  private @Nullable ModelPlace found;

  @Option(names = "--adapter", paramLabel = "DIR", description = "LoRA adapter on that model.")
  private @Nullable Path adapter;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(names = "--bf16", description = "Compute in bfloat16.")
  private boolean bf16;

  @Option(
      names = "--trust-torchscript",
      description = "Run a model.pt, which is its maker's program.")
  private boolean trusted;

  /** Returns the options of a model that another option names. */
  static ModelOption of(String model, String device) {
    ModelOption option = new ModelOption();
    option.model = model;
    option.device = device;
    return option;
  }

  private ModelPlace place() {
    ModelPlace known = found;
    if (known == null) {
      known = new ModelPlace(Objects.requireNonNull(model), adapter);
      found = known;
    }
    return known;
  }

  /** Returns the folder whose tokenizer is used. */
  Path folder() {
    return place().tokenizer();
  }

  /** Returns the folder of the model itself, without an adapter. */
  Path baseFolder() {
    return place().base();
  }

  /** Returns the model as it was named, and its adapter. */
  String shown() {
    return adapter == null ? Objects.requireNonNull(model) : model + " + " + adapter;
  }

  /** Returns a hash of the weights, the adapter's too, and of how they are computed with. */
  String fingerprint() throws IOException {
    List<Path> files = place().files(StoredModel.open(baseFolder(), trusted));
    return ScoreFile.fingerprint(files, bf16 ? "bf16" : "fp32");
  }

  LoadedModel load() {
    return load(false);
  }

  /** Loads a model whose numbers are to be compared with those of other tools. */
  LoadedModel loadToCompare() {
    return load(true);
  }

  /**
   * Loads a reward model whose numbers are to be compared with those of other tools.
   *
   * @param padToken the id of padding where an adapter makes a language model one
   * @throws InputException if neither model nor adapter is one
   */
  LoadedModel loadReward(int padToken) {
    StoredModel stored = stored();
    Path low = place().adapter();
    if (!stored.isReward() && (low == null || !AdapterConfig.read(low).reward())) {
      throw new InputException(
          (low == null ? stored.path() : low)
              + ": is no reward model; train one with loss_type reward-bt");
    }
    // An adapter has a head of its own, so what the base's is drawn from does not matter.
    DecoderLm base = stored.reward(new RewardStart(padToken, 0), Devices.of(device), precision());
    return low == null ? new LoadedModel(base, base) : LoadedModel.adapted(base, low);
  }

  private StoredModel stored() {
    StoredModel stored = StoredModel.open(baseFolder(), trusted);
    stored.warnings().forEach(text -> System.err.println("warning: " + text));
    return stored;
  }

  private Precision precision() {
    return bf16 ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  private LoadedModel load(boolean compare) {
    StoredModel stored = stored();
    Device where = Devices.of(device);
    Precision precision = precision();
    return LoadedModel.load(stored, place().adapter(), where, precision, compare);
  }
}
