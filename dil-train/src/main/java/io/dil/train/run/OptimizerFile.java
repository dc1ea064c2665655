package io.dil.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.train.optim.AdamW;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The optimiser's moments, and the fp32 masters of bfloat16 weights, as safetensors. */
public final class OptimizerFile {
  private static final String NAME = "optimizer.safetensors";

  private OptimizerFile() {}

  /** Writes the state into a checkpoint's folder. */
  public static void write(Path checkpoint, AdamW optimizer, List<Parameter> parameters)
      throws IOException {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    arrays(optimizer, parameters)
        .forEach(
            (name, array) ->
                tensors.add(
                    new SafetensorsWriter.Tensor(
                        name, StorageType.F32, shape(array), () -> Kernels.bytes(array))));
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
      NDArray map = kernels.mapFile(scope, file, StorageType.F32, Files.size(file));
      arrays(optimizer, parameters)
          .forEach(
              (name, array) -> {
                TensorEntry entry = header.entries().get(name);
                if (entry == null
                    || entry.type() != StorageType.F32
                    || !entry.shape().equals(shape(array))) {
                  throw new InputException(
                      file + ": tensor '" + name + "' is missing or does not fit the model");
                }
                kernels.copy(array, kernels.view(scope, map, entry));
              });
    }
    optimizer.resume(Long.parseLong(header.metadata().getOrDefault("steps", "0")));
  }

  private static Map<String, NDArray> arrays(AdamW optimizer, List<Parameter> parameters) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      arrays.put(parameter.name() + ".exp_avg", optimizer.firstMoments().get(i));
      arrays.put(parameter.name() + ".exp_avg_sq", optimizer.secondMoments().get(i));
      if (parameter.master() != parameter.value()) {
        arrays.put(parameter.name() + ".master", parameter.master());
      }
    }
    return arrays;
  }

  private static List<Long> shape(NDArray array) {
    List<Long> shape = new ArrayList<>();
    for (long dimension : array.getShape().getShape()) {
      shape.add(dimension);
    }
    return shape;
  }
}
