package io.dil.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.collective.Collectives;
import io.dil.core.model.MappedTensors;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.train.optim.Moment;
import io.dil.train.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The optimiser's moments, and the fp32 masters of bfloat16 weights, as safetensors. */
public final class OptimizerFile {
  static final String NAME = "optimizer.safetensors";

  private OptimizerFile() {}

  /** Returns whether a checkpoint has the state; without it no run goes on from it. */
  static boolean isIn(Path checkpoint) {
    return Files.exists(checkpoint.resolve(NAME));
  }

  /**
   * One array of the state, or this rank's rows of it.
   *
   * @param shape of the whole array
   * @param optional whether what a checkpoint lacks of it is what it is already
   */
  private record Entry(Moment.Stored stored, List<Long> shape, boolean optional) {}

  /**
   * Writes the state into a checkpoint's folder. Of a state that ranks hold together every rank
   * calls it, and rank 0 writes.
   */
  public static void write(
      Path checkpoint,
      Optimizer optimizer,
      List<Parameter> parameters,
      Kernels kernels,
      Collectives group)
      throws IOException {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    entries(optimizer, parameters, group)
        .forEach((name, entry) -> tensors.add(tensor(name, entry, kernels, group)));
    if (group.rank() > 0) {
      SafetensorsWriter.discard(tensors);
      return;
    }
    SafetensorsWriter.write(
        checkpoint.resolve(NAME),
        tensors,
        Map.of("format", "pt", "steps", String.valueOf(optimizer.steps())));
  }

  private static SafetensorsWriter.Tensor tensor(
      String name, Entry entry, Kernels kernels, Collectives group) {
    Moment.Stored stored = entry.stored();
    return group.size() == 1
        ? kernels.tensor(name, stored.array(), stored.type())
        : new SafetensorsWriter.Tensor(
            name, stored.type(), entry.shape(), sink -> group.collect(stored.array(), sink));
  }

  /**
   * Copies the state of a checkpoint, or this rank's rows of it, into the optimiser and the
   * parameters. The number of ranks that wrote it does not matter.
   */
  public static void read(
      Path checkpoint,
      Optimizer optimizer,
      List<Parameter> parameters,
      Kernels kernels,
      NDManager owner,
      Collectives group)
      throws IOException {
    Path file = checkpoint.resolve(NAME);
    SafetensorsHeader header = SafetensorsHeader.read(file);
    try (NDManager scope = owner.newSubManager()) {
      MappedTensors tensors = new MappedTensors(scope, kernels);
      entries(optimizer, parameters, group)
          .forEach(
              (name, entry) -> {
                TensorEntry stored = header.entries().get(name);
                if (stored == null && entry.optional()) {
                  return;
                }
                if (stored == null || stored.type() != entry.stored().type()) {
                  throw new InputException(
                      file + ": tensor '" + name + "' is missing or does not fit the model");
                }
                // Straight from the map: no second copy of the state, on the device or the host.
                try (NDArray view =
                    tensors.view(
                        file,
                        stored,
                        entry.shape(),
                        "the model",
                        group.share(entry.shape().isEmpty() ? 1 : entry.shape().get(0)))) {
                  kernels.copy(entry.stored().array(), view);
                }
              });
    }
    optimizer.resume(Long.parseLong(header.metadata().getOrDefault("steps", "0")));
  }

  private static Map<String, Entry> entries(
      Optimizer optimizer, List<Parameter> parameters, Collectives group) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      String name = parameter.name();
      optimizer
          .moments()
          .get(i)
          .forEach((suffix, moment) -> put(entries, parameter, name + "." + suffix, moment, group));
      if (parameter.copied()) {
        // A copy in the weights' own type is what the weights are.
        boolean same = parameter.master().getDataType() == parameter.value().getDataType();
        Moment.Stored master = new Moment.Stored("", parameter.master(), parameter.type());
        entries.put(name + ".master", new Entry(master, parameter.shape(), same));
      }
    }
    return entries;
  }

  private static void put(
      Map<String, Entry> entries,
      Parameter parameter,
      String name,
      Moment moment,
      Collectives group) {
    for (Moment.Stored stored : moment.stored()) {
      List<Long> shape = new ArrayList<>(Kernels.shape(stored.array()));
      if (!shape.isEmpty() && group.size() > 1) {
        // Of the rows this rank may have its share alone.
        shape.set(0, parameter.shape().get(0));
      }
      entries.put(name + stored.suffix(), new Entry(stored, List.copyOf(shape), false));
    }
  }
}
