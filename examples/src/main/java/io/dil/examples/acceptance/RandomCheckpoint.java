package io.dil.examples.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.Architectures;
import io.dil.core.model.ModelSpec;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/** A model folder with random weights of real shapes, and pairs of random words to train it on. */
final class RandomCheckpoint {
  /** Elements that are made at once. */
  private static final int SLICE = 1 << 20;

  private static final long SEED = 16;

  private RandomCheckpoint() {}

  /**
   * Writes a model with the quickstart's tokenizer, whose words are the first of its vocabulary.
   *
   * @param config {@code config.json}
   * @param type the weights' type, fp32 or bfloat16
   */
  static ModelSpec write(Path folder, Map<String, Object> config, StorageType type)
      throws IOException {
    Files.createDirectories(folder);
    Path parts = Files.createTempDirectory("quickstart");
    Quickstart.unpack(parts);
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(parts.resolve("model").resolve(name), folder.resolve(name));
    }
    Files.write(folder.resolve("config.json"), new ObjectMapper().writeValueAsBytes(config));
    ModelSpec spec = spec(folder);
    SplittableRandom random = new SplittableRandom(SEED);
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    spec.allWeights()
        .forEach(
            (name, shape) ->
                tensors.add(
                    new SafetensorsWriter.Tensor(
                        name, type, shape, sink -> values(shape, type, random.split(), sink))));
    SafetensorsWriter.write(
        folder.resolve(ModelFolder.SINGLE_FILE), tensors, Map.of("format", "pt"));
    return spec;
  }

  /** Reads what a folder's {@code config.json} says. */
  static ModelSpec spec(Path folder) {
    return Architectures.read(
        new ModelFolder(
            folder, ModelFolder.json(folder.resolve("config.json")), Map.of(), Map.of()));
  }

  /**
   * Uniform with the variance 1/fan-in, which keeps activations of one size; vectors near 1. What
   * is longer than a slice repeats it: weights of gigabytes are for memory and speed alone.
   */
  private static void values(
      List<Long> shape, StorageType type, SplittableRandom random, SafetensorsWriter.Sink sink)
      throws IOException {
    long left = shape.stream().reduce(1L, Math::multiplyExact);
    boolean matrix = shape.size() > 1;
    float middle = matrix ? 0 : 1;
    float width = matrix ? (float) Math.sqrt(3.0 / shape.get(1)) : 0.1f;
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(SLICE * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < Math.min(left, SLICE); i++) {
      float value = middle + width * ((random.nextInt() >> 8) * 0x1p-23f);
      if (type == StorageType.F32) {
        bytes.putFloat(value);
      } else {
        bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      }
    }
    while (left > 0) {
      int count = (int) Math.min(left, SLICE);
      sink.accept(bytes.position(0).limit(count * type.bytes()));
      left -= count;
    }
  }

  /**
   * Writes pairs with a prompt and two responses of so many tokens each, the tokenizer's first and
   * last included.
   */
  static void pairs(Path file, Path model, int count, int prompt, int response) throws IOException {
    List<String> words = new ArrayList<>();
    Iterator<String> all =
        new ObjectMapper()
            .readTree(model.resolve("tokenizer.json").toFile())
            .at("/model/vocab")
            .fieldNames();
    all.forEachRemaining(
        word -> {
          if (word.matches("[a-z]+")) {
            words.add(word);
          }
        });
    Random random = new Random(SEED);
    ObjectMapper json = new ObjectMapper();
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      for (int i = 0; i < count; i++) {
        out.println(
            json.writeValueAsString(
                Map.of(
                    "prompt", text(words, prompt - 1, random),
                    "chosen", text(words, response - 1, random),
                    "rejected", text(words, response - 1, random))));
      }
    }
  }

  private static String text(List<String> words, int count, Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(' ').append(words.get(random.nextInt(words.size())));
    }
    return text.toString();
  }
}
