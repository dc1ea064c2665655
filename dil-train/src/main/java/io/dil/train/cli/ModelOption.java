package io.dil.train.cli;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.train.Devices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that loads a model. */
final class ModelOption {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model folder, or an adapter's that names its model.")
  private @Nullable Path model;

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

  /** Returns the folder whose tokenizer is used. */
  Path folder() {
    Path given = Objects.requireNonNull(model);
    return Files.exists(given.resolve("tokenizer.json")) ? given : baseFolder();
  }

  private Path baseFolder() {
    Path given = Objects.requireNonNull(model);
    return adapterFolder() == given ? Path.of(AdapterConfig.read(given).base()) : given;
  }

  private @Nullable Path adapterFolder() {
    Path given = Objects.requireNonNull(model);
    boolean named = Files.exists(given.resolve("config.json")) || !AdapterFolder.isOne(given);
    return adapter == null && !named ? given : adapter;
  }

  LoadedModel load() {
    ModelFolder folder = ModelFolder.open(baseFolder());
    Device where = Devices.of(device);
    DecoderLm base = DecoderLm.load(folder, where, bf16 ? Precision.BFLOAT16 : Precision.FLOAT32);
    Path low = adapterFolder();
    try {
      return new LoadedModel(
          base, low == null ? base : base.with(AdapterFolder.read(low, base).changes()));
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }
}
