package io.dil.train.cli;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil merge}: adds an adapter to its model's weights. */
@Command(
    name = "merge",
    description = {
      "Add a LoRA adapter to its model's weights and write a model folder.",
      "The sums are fp32; bfloat16 weights are written as bfloat16, all others as fp32."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class MergeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model folder or hf://ORG/NAME.")
  private @Nullable String model;

  @Option(names = "--adapter", required = true, paramLabel = "DIR", description = "LoRA adapter.")
  private @Nullable Path adapter;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    Path to = Objects.requireNonNull(out);
    Path from = Models.folder(Objects.requireNonNull(model));
    Path low = Objects.requireNonNull(adapter);
    for (Path read : new Path[] {from, low}) {
      if (to.toAbsolutePath().normalize().equals(read.toAbsolutePath().normalize())) {
        throw new InputException("--out must differ from --model and --adapter, got " + to);
      }
    }
    ModelFolder source = ModelFolder.open(from);
    boolean bf16 =
        source.tensors().values().stream().allMatch(tensor -> tensor.type() == StorageType.BF16);
    try (DecoderLm base = base(source, low, bf16 ? Precision.BFLOAT16 : Precision.FLOAT32);
        DecoderLm merged = AdapterFolder.read(low, base).on(base)) {
      ModelWriter.write(to, merged, source);
      // The adapter's folder has the tokenizer and chat template that it was trained with.
      ModelWriter.copyCompanions(to, low);
    }
    Objects.requireNonNull(spec).commandLine().getOut().println("wrote " + to);
    return Dil.OK;
  }

  /** Loads what the adapter is for: a language model, or one that it makes a reward model. */
  private static DecoderLm base(ModelFolder source, Path low, Precision precision) {
    if (!AdapterConfig.read(low).reward()) {
      return DecoderLm.load(source, Device.cpu(), precision);
    }
    Path named = Files.exists(low.resolve("tokenizer.json")) ? low : source.path();
    int pad = ExampleTokenizer.load(named, Truncation.NONE).padId();
    // The adapter has a head of its own, so what the base's is drawn from does not matter.
    RewardStart start = new RewardStart(pad, 0);
    return DecoderLm.loadReward(source, start, Device.cpu(), precision, Sharding.NONE, false);
  }
}
