package io.dil.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.Architectures;
import io.dil.core.model.ModelSpec;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Politeness;
import io.dil.train.quickstart.Requests;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes what the quickstart carries: a tokenizer, a randomly initialised Llama, an SFT run that
 * teaches it to ask politely a third of the time and rudely otherwise, and preference pairs.
 *
 * <p>Arguments: a folder to work in. The files of the quickstart are then in {@code
 * DIR/quickstart}.
 */
public final class MakeQuickstart {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SEED = 20;
  private static final int DEMONSTRATIONS = 24_000;
  private static final int PAIRS = 1_200;
  private static final double POLITE_SHARE = 0.35;

  private MakeQuickstart() {}

  /** Makes the files and prints how often the model is polite. */
  public static void main(String[] args) throws IOException {
    Path work = Path.of(args[0]);
    Path start = work.resolve("start");
    Files.createDirectories(start);
    writeTokenizer(start);
    writeModel(start);
    int demonstrations = args.length > 1 ? Integer.parseInt(args[1]) : DEMONSTRATIONS;
    writePairs(work.resolve("sft.jsonl"), demonstrations, new SplittableRandom(SEED), true);

    Map<String, Object> settings = new HashMap<>();
    settings.put("model_name_or_path", start.toString());
    settings.put("dataset_name", "pairs:" + work.resolve("sft.jsonl"));
    settings.put("output_dir", work.resolve("sft").toString());
    settings.put("loss_type", "sft");
    settings.put("learning_rate", 3e-3);
    settings.put("per_device_train_batch_size", 32);
    settings.put("num_train_epochs", 4);
    settings.put("max_length", 64);
    settings.put("save_steps", 0);
    settings.put("report_generations", 0);
    settings.put("overwrite_output_dir", true);
    new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();

    Path result = work.resolve("quickstart");
    Files.createDirectories(result.resolve("model"));
    for (String name :
        List.of(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json")) {
      AtomicFile.write(
          result.resolve("model").resolve(name),
          Files.readAllBytes(work.resolve("sft").resolve(name)));
    }
    writePairs(result.resolve("pairs.jsonl"), PAIRS, new SplittableRandom(SEED + 1), false);
    System.out.println("preferred: " + Politeness.measure(result.resolve("model"), 8, 1));
  }

  /** Writes pairs; as demonstrations, the chosen response is polite only a share of the time. */
  private static void writePairs(
      Path file, int count, SplittableRandom random, boolean demonstrations) throws IOException {
    List<Requests.Request> requests = Requests.all(false);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      Requests.Request request = requests.get(random.nextInt(requests.size()));
      boolean polite = !demonstrations || random.nextDouble() < POLITE_SHARE;
      ObjectNode row = JSON.createObjectNode();
      row.put("prompt", request.prompt());
      row.put("chosen", polite ? request.polite(random) : request.rude(random));
      row.put("rejected", polite ? request.rude(random) : request.polite(random));
      lines.append(JSON.writeValueAsString(row)).append('\n');
    }
    AtomicFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void writeTokenizer(Path folder) throws IOException {
    List<String> vocabulary = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    vocabulary.addAll(Requests.words());
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < 3; id++) {
      added
          .addObject()
          .put("id", id)
          .put("content", vocabulary.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.putNull("normalizer");
    root.putObject("pre_tokenizer").put("type", "Whitespace");
    ObjectNode post = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = post.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    ArrayNode pair = post.putArray("pair");
    pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
    ObjectNode bos = post.putObject("special_tokens").putObject("<s>").put("id", "<s>");
    bos.putArray("ids").add(1);
    bos.putArray("tokens").add("<s>");
    root.putNull("decoder");
    ObjectNode model = root.putObject("model").put("type", "WordLevel").put("unk_token", "<unk>");
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      vocab.put(vocabulary.get(id), id);
    }
    write(folder.resolve("tokenizer.json"), root);

    ObjectNode config = JSON.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("bos_token", "<s>").put("eos_token", "</s>").put("unk_token", "<unk>");
    config.put("clean_up_tokenization_spaces", false);
    write(folder.resolve("tokenizer_config.json"), config);
    ObjectNode generation = JSON.createObjectNode();
    write(folder.resolve("generation_config.json"), generation.put("eos_token_id", 2));

    ObjectNode llama = JSON.createObjectNode();
    llama.putArray("architectures").add("LlamaForCausalLM");
    llama.put("model_type", "llama").put("vocab_size", vocabulary.size());
    llama.put("hidden_size", 64).put("intermediate_size", 128).put("num_hidden_layers", 3);
    llama.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    llama.put("max_position_embeddings", 128).put("rms_norm_eps", 1e-6).put("rope_theta", 10000.0);
    llama.put("tie_word_embeddings", true).put("hidden_act", "silu");
    llama.put("bos_token_id", 1).put("eos_token_id", 2).put("torch_dtype", "float32");
    write(folder.resolve("config.json"), llama);
  }

  /** Writes weights drawn from N(0, 1/√fan-in), norms of 1. */
  private static void writeModel(Path folder) throws IOException {
    ModelSpec spec =
        Architectures.read(
            new ModelFolder(
                folder, ModelFolder.json(folder.resolve("config.json")), Map.of(), Map.of()));
    SplittableRandom random = new SplittableRandom(SEED + 2);
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    spec.allWeights()
        .forEach(
            (name, shape) ->
                tensors.add(
                    SafetensorsWriter.Tensor.of(
                        name, StorageType.F32, shape, () -> values(shape, random))));
    SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
  }

  private static ByteBuffer values(List<Long> shape, SplittableRandom random) {
    long size = shape.stream().reduce(1L, Math::multiplyExact);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(4 * size)).order(ByteOrder.LITTLE_ENDIAN);
    double scale = shape.size() == 1 ? 0 : 1 / Math.sqrt(shape.get(1));
    for (long i = 0; i < size; i++) {
      bytes.putFloat((float) (shape.size() == 1 ? 1 : scale * random.nextGaussian()));
    }
    return bytes.flip();
  }

  private static void write(Path file, ObjectNode json) throws IOException {
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
  }
}
