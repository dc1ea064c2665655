package io.dil.train.cli;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.train.Devices;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that loads a model. */
final class ModelOption {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model folder.")
  private @Nullable Path model;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(names = "--bf16", description = "Compute in bfloat16.")
  private boolean bf16;

  Path folder() {
    return Objects.requireNonNull(model);
  }

  DecoderLm load() {
    ModelFolder folder = ModelFolder.open(folder());
    Device where = Devices.of(device);
    return DecoderLm.load(folder, where, bf16 ? Precision.BFLOAT16 : Precision.FLOAT32);
  }
}
