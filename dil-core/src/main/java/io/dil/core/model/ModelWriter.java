package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.GradMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a model as a Hugging Face folder that transformers opens. */
public final class ModelWriter {
  /** Where a checkpoint is split into shards, 5 GB, as {@code save_pretrained} does. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  /** The files that travel with a model, where it has them. */
  private static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "generation_config.json");

  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelWriter() {}

  /**
   * Writes weights, configuration and companions of {@code model}, each file whole or not at all. A
   * model with an adapter is written merged, W + scale · BA in fp32, a tensor at a time.
   *
   * <p>Of a model that ranks hold together every rank calls it, and rank 0 writes.
   *
   * @param source the folder that the model was loaded from
   */
  public static void write(Path folder, DecoderLm model, ModelFolder source) throws IOException {
    write(folder, model, source, SHARD_BYTES);
  }

  static void write(Path folder, DecoderLm model, ModelFolder source, long shardBytes)
      throws IOException {
    List<SafetensorsWriter.Tensor> tensors = tensors(model, source);
    if (model.sharding().group().rank() > 0) {
      SafetensorsWriter.discard(tensors);
      return;
    }
    Files.createDirectories(folder);
    writeWeights(folder, tensors, shardBytes);
    ObjectNode config = source.config().deepCopy();
    // transformers 5 writes `dtype`, earlier versions `torch_dtype`; the key that is there is kept.
    config.put(
        config.has("dtype") ? "dtype" : "torch_dtype",
        model.precision().name().toLowerCase(Locale.ROOT));
    if (model.spec().isReward()) {
      describeReward(config, model.spec());
    } else if (!model.spec().tied() && Architectures.configured(source).tied()) {
      config.put("tie_word_embeddings", false);
    }
    AtomicFile.write(
        folder.resolve("config.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config));
    copyCompanions(folder, source.path());
  }

  /** Says what transformers needs to open a reward model, whatever the folder that it began as. */
  private static void describeReward(ObjectNode config, ModelSpec spec) {
    config.putArray("architectures").add(Architectures.rewardClass(spec.family()));
    config.remove("num_labels");
    if (config.path("id2label").size() != 1) {
      config.putObject("id2label").put("0", "LABEL_0");
      config.putObject("label2id").put("LABEL_0", 0);
    }
    int pad = spec.rewardHead().padToken();
    if (pad != RewardHead.NONE) {
      config.put("pad_token_id", pad);
    }
  }

  /** Copies the tokenizer's files and the like, which an adapter's folder needs as well. */
  public static void copyCompanions(Path folder, Path source) throws IOException {
    if (folder.toRealPath().equals(source.toRealPath())) {
      return;
    }
    for (String name : COMPANIONS) {
      Path file = source.resolve(name);
      if (Files.exists(file)) {
        AtomicFile.write(folder.resolve(name), Files.readAllBytes(file));
      }
    }
  }

  private static List<SafetensorsWriter.Tensor> tensors(DecoderLm model, ModelFolder source) {
    ModelSpec spec = model.spec();
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    model
        .weights()
        .forEach(
            (name, array) -> {
              // A tied table goes out under the name, or both names, that it came in under.
              boolean table = spec.tied() && name.equals(spec.embedding());
              if (!table || CheckpointNames.find(source, spec, name) != null) {
                tensors.add(tensor(name, array, model));
              }
              if (table && source.find(spec.head()) != null) {
                tensors.add(tensor(spec.head(), array, model));
              }
            });
    return tensors;
  }

  private static SafetensorsWriter.Tensor tensor(String name, NDArray array, DecoderLm model) {
    if (model.spec().isReward() && name.equals(model.spec().head())) {
      return model.parts().tensor(name, model.parts().scalarHead());
    }
    LowRank change = model.changes().get(name.replaceFirst("\\.weight$", ""));
    StorageType type = model.precision().storage();
    return change == null
        ? model.parts().tensor(name, array)
        : new SafetensorsWriter.Tensor(
            name,
            type,
            model.parts().shape(name),
            sink -> merged(model, name, array, change, sink));
  }

  private static void merged(
      DecoderLm model, String name, NDArray array, LowRank change, SafetensorsWriter.Sink sink)
      throws IOException {
    try (GradMode off = GradMode.off();
        NDManager scope = model.manager().newSubManager();
        WholeWeights weight = model.parts().open(name, array)) {
      NDArray product = change.b().matMul(change.a());
      product.attach(scope);
      NDArray scaled = product.muli(change.scale());
      NDArray sum = scaled.addi(model.kernels().cast(scope, weight.single(), StorageType.F32));
      NDArray stored = model.kernels().cast(scope, sum, model.precision().storage());
      model.kernels().bytes(stored, sink);
    }
  }

  private static void writeWeights(
      Path folder, List<SafetensorsWriter.Tensor> tensors, long shardBytes) throws IOException {
    List<List<SafetensorsWriter.Tensor>> shards = new ArrayList<>();
    long room = 0;
    long total = 0;
    for (SafetensorsWriter.Tensor tensor : tensors) {
      if (shards.isEmpty() || tensor.size() > room) {
        shards.add(new ArrayList<>());
        room = shardBytes;
      }
      shards.get(shards.size() - 1).add(tensor);
      room -= tensor.size();
      total += tensor.size();
    }
    if (shards.size() == 1) {
      SafetensorsWriter.write(
          folder.resolve(ModelFolder.SINGLE_FILE), shards.get(0), Map.of("format", "pt"));
      Files.deleteIfExists(folder.resolve(ModelFolder.INDEX_FILE));
      return;
    }
    ObjectNode index = JSON.createObjectNode();
    index.putObject("metadata").put("total_size", total);
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      SafetensorsWriter.write(folder.resolve(name), shards.get(i), Map.of("format", "pt"));
      shards.get(i).forEach(tensor -> map.put(tensor.name(), name));
    }
    // Last, so that a folder with an index has all of its shards.
    AtomicFile.write(
        folder.resolve(ModelFolder.INDEX_FILE),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
    Files.deleteIfExists(folder.resolve(ModelFolder.SINGLE_FILE));
  }
}
