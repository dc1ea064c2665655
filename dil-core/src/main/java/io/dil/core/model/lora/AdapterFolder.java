package io.dil.core.model.lora;

import ai.djl.ndarray.NDArray;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.MappedTensors;
import io.dil.core.model.RewardHead;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An adapter in PEFT's layout: {@code adapter_config.json}, and in {@code
 * adapter_model.safetensors} the tensors {@code base_model.model.NAME.lora_A.weight} and {@code
 * lora_B}, always in fp32; of a reward model also its head, {@code base_model.model.score.weight}.
 */
public final class AdapterFolder {
  /** The file of the tensors. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";
  private static final String HEAD = PREFIX + RewardHead.WEIGHT;
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private AdapterFolder() {}

  /** Returns whether a folder holds an adapter. */
  public static boolean isOne(Path folder) {
    return Files.exists(folder.resolve(AdapterConfig.FILE));
  }

  /**
   * Reads an adapter for a model.
   *
   * @throws InputException if it is malformed, of another kind than plain LoRA, or does not fit
   */
  public static LoraAdapter read(Path folder, DecoderLm base) {
    AdapterConfig stored = AdapterConfig.read(folder);
    LoraConfig config = stored.lora();
    if (stored.reward() != base.spec().isReward()) {
      throw new InputException(
          folder.resolve(AdapterConfig.FILE)
              + ": adapter is one of a "
              + kind(stored.reward())
              + ", and the model that it is put on is a "
              + kind(base.spec().isReward()));
    }
    SafetensorsHeader header = SafetensorsHeader.read(folder.resolve(WEIGHTS));
    Map<String, List<Long>> linears = base.linears();
    Set<String> names = names(header, linears, stored.reward());
    LoraAdapter adapter = new LoraAdapter(config, base.manager().newSubManager());
    MappedTensors tensors = new MappedTensors(adapter.manager(), base.kernels());
    long rank = config.rank();
    linears.forEach(
        (name, shape) -> {
          if (names.contains(name)) {
            adapter.add(
                name,
                tensor(tensors, header, PREFIX + name + A, List.of(rank, shape.get(1))),
                tensor(tensors, header, PREFIX + name + B, List.of(shape.get(0), rank)));
          }
        });
    if (stored.reward()) {
      List<Long> shape = List.of(1L, (long) base.spec().hiddenSize());
      adapter.setHead(tensor(tensors, header, HEAD, shape));
    }
    return adapter;
  }

  private static String kind(boolean reward) {
    return reward ? "reward model" : "language model";
  }

  private static Set<String> names(
      SafetensorsHeader header, Map<String, List<Long>> linears, boolean reward) {
    Set<String> names = new LinkedHashSet<>();
    if (reward && !header.entries().containsKey(HEAD)) {
      throw new InputException(
          header.file()
              + ": adapter of a reward model must hold its head, tensor '"
              + HEAD
              + "', got none; it is saved where score is in modules_to_save");
    }
    for (String tensor : header.entries().keySet()) {
      if (reward && tensor.equals(HEAD)) {
        continue;
      }
      boolean ends = tensor.endsWith(A) || tensor.endsWith(B);
      String name =
          ends && tensor.startsWith(PREFIX)
              ? tensor.substring(PREFIX.length(), tensor.length() - A.length())
              : "";
      if (!linears.containsKey(name)) {
        throw new InputException(
            header.file()
                + ": tensor '"
                + tensor
                + "' must be lora_A or lora_B of a linear of the model, such as "
                + PREFIX
                + linears.keySet().iterator().next()
                + A);
      }
      names.add(name);
    }
    if (names.isEmpty()) {
      throw new InputException(header.file() + ": must hold at least one tensor, got none");
    }
    return names;
  }

  private static NDArray tensor(
      MappedTensors tensors, SafetensorsHeader header, String name, List<Long> shape) {
    TensorEntry entry = header.entries().get(name);
    if (entry == null) {
      throw new InputException(header.file() + ": tensor '" + name + "' is missing");
    }
    return tensors.read(header.file(), entry, shape, AdapterConfig.FILE, StorageType.F32);
  }

  /**
   * Writes an adapter, each file whole or not at all.
   *
   * @param base where the adapted model is, for those who open the adapter
   * @param revision its revision on the hub; empty for none in particular
   */
  public static void write(
      Path folder, LoraAdapter adapter, DecoderLm model, String base, String revision)
      throws IOException {
    if (model.sharding().group().rank() > 0) {
      // Every rank has the whole adapter.
      return;
    }
    Files.createDirectories(folder);
    Kernels kernels = model.kernels();
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    adapter
        .changes()
        .forEach(
            (name, change) -> {
              tensors.add(kernels.tensor(PREFIX + name + A, change.a(), StorageType.F32));
              tensors.add(kernels.tensor(PREFIX + name + B, change.b(), StorageType.F32));
            });
    NDArray head = adapter.head();
    if (head != null) {
      tensors.add(kernels.tensor(HEAD, head, StorageType.F32));
    }
    SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
    List<String> targets =
        LoraTargets.shortest(model.linears().keySet(), adapter.changes().keySet());
    AtomicFile.write(
        folder.resolve(AdapterConfig.FILE),
        new AdapterConfig(adapter.config().withTargets(targets), base, revision, head != null)
            .write());
  }
}
