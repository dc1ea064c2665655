package io.dil.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.model.MappedTensors;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.train.optim.AdamW;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The optimiser's moments, and the fp32 masters of bfloat16 weights, as safetensors. */
public final class OptimizerFile {
  private static final String NAME = "optimizer.safetensors";

  private OptimizerFile() {}

  /** One array of the state and the type that it is kept in. */
  private record Entry(NDArray array, StorageType type) {}

  /** Writes the state into a checkpoint's folder. */
  public static void write(
      Path checkpoint, AdamW optimizer, List<Parameter> parameters, Kernels kernels)
      throws IOException {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    entries(optimizer, parameters)
        .forEach((name, entry) -> tensors.add(kernels.tensor(name, entry.array(), entry.type())));
    SafetensorsWriter.write(
        checkpoint.resolve(NAME),
        tensors,
        Map.of("format", "pt", "steps", String.valueOf(optimizer.steps())));
  }

  /** Copies the state of a checkpoint into the optimiser and the parameters. */
  public static void read(
      Path checkpoint,
      AdamW optimizer,
      List<Parameter> parameters,
      Kernels kernels,
      NDManager owner)
      throws IOException {
    Path file = checkpoint.resolve(NAME);
    SafetensorsHeader header = SafetensorsHeader.read(file);
    try (NDManager scope = owner.newSubManager()) {
      MappedTensors tensors = new MappedTensors(scope, kernels);
      entries(optimizer, parameters)
          .forEach(
              (name, entry) -> {
                TensorEntry stored = header.entries().get(name);
                if (stored == null || stored.type() != entry.type()) {
                  throw new InputException(
                      file + ": tensor '" + name + "' is missing or does not fit the model");
                }
                // Straight from the map: no second copy of the state, on the device or the host.
                try (NDArray view =
                    tensors.view(file, stored, Kernels.shape(entry.array()), "the model")) {
                  kernels.copy(entry.array(), view);
                }
              });
    }
    optimizer.resume(Long.parseLong(header.metadata().getOrDefault("steps", "0")));
  }

  private static Map<String, Entry> entries(AdamW optimizer, List<Parameter> parameters) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      StorageType type = parameter.type();
      entries.put(parameter.name() + ".exp_avg", new Entry(optimizer.firstMoments().get(i), type));
      entries.put(
          parameter.name() + ".exp_avg_sq", new Entry(optimizer.secondMoments().get(i), type));
      if (parameter.master() != parameter.value()) {
        entries.put(parameter.name() + ".master", new Entry(parameter.master(), type));
      }
    }
    return entries;
  }
}
