package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Changed model and adapter folders: every one is used, or refused by one line that begins with a
 * file of the folder. Nothing else may happen: no other exception, no hang, no memory that the
 * files do not pay for.
 */
class FolderFuzzTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final TokenGroup GROUP =
      new TokenGroup(Tokens.of(1, 4), List.of(Tokens.of(5, 6, 7)));

  /** Keys that a change may add, beside those that are there. */
  private static final List<String> KEYS =
      List.of(
          "head_dim",
          "rope_scaling",
          "rope_parameters",
          "rope_theta",
          "sliding_window",
          "layer_types",
          "partial_rotary_factor",
          "attention_bias",
          "mlp_bias",
          "quantization_config",
          "use_rslora",
          "rank_pattern",
          "modules_to_save",
          "model_type");

  private static final List<String> PARTS =
      List.of(
          "{\"rope_type\":\"linear\",\"factor\":1e300}",
          "{\"rope_type\":\"yarn\",\"factor\":-2,\"original_max_position_embeddings\":0}",
          "{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":1e12}",
          "{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4}",
          "{\"rope_type\":\"longrope\",\"short_factor\":[1],\"long_factor\":[\"x\"]}",
          "{\"rope_type\":\"dynamic\",\"factor\":2}",
          "[\"full_attention\",\"sliding_attention\"]",
          "\"gemma2\"",
          "\"gpt_neox\"",
          "\"qwen2\"");

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    Map<String, Object> settings = QuickRun.settings(folder.resolve("made"), "lora");
    settings.put("use_peft", true);
    settings.put("max_steps", 1);
    settings.put("report_generations", 0);
    new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();
  }

  private static JsonNode value(SplittableRandom random) throws IOException {
    return switch (random.nextInt(14)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(-1);
      case 2 -> NODES.numberNode(0);
      case 3 -> NODES.numberNode(Integer.MAX_VALUE);
      case 4 -> NODES.numberNode(1L << 40);
      case 5 -> NODES.numberNode(1e308);
      case 6 -> NODES.numberNode(1e-300);
      case 7 -> NODES.numberNode(random.nextInt(1, 200));
      case 8 -> NODES.textNode(random.nextInt(2) == 0 ? "" : "\u0000\ud83d\ude00");
      case 9 -> NODES.booleanNode(random.nextInt(2) == 0);
      case 10 -> NODES.arrayNode().add(1).add(2).add(3);
      case 11 -> NODES.objectNode();
      default -> JSON.readTree(PARTS.get(random.nextInt(PARTS.size())));
    };
  }

  private static void change(JsonNode at, SplittableRandom random) throws IOException {
    if (at instanceof ObjectNode object) {
      List<String> names = new ArrayList<>(KEYS);
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      JsonNode child = object.path(name);
      if (child.isContainerNode() && random.nextInt(2) == 0) {
        change(child, random);
      } else if (random.nextInt(6) == 0) {
        object.remove(name);
      } else {
        object.set(name, value(random));
      }
    } else if (at instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.nextInt(array.size()), value(random));
    }
  }

  /** Flips bits of the header and cuts the file. */
  private static byte[] damaged(byte[] seed, SplittableRandom random) {
    byte[] bytes = seed.clone();
    int header = 8 + (bytes[0] & 0xff | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16);
    for (int times = random.nextInt(1, 4); times > 0; times--) {
      int at = random.nextInt(Math.min(header, bytes.length));
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) "0123456789[]{}\",:-".charAt(random.nextInt(18));
        case 2 -> bytes[random.nextInt(8)] = (byte) random.nextInt(256);
        default -> bytes = Arrays.copyOf(bytes, Math.max(9, bytes.length - random.nextInt(1, 99)));
      }
    }
    return bytes;
  }

  private boolean used(String kind) {
    try {
      Path model = folder.resolve("model");
      StoredModel stored = StoredModel.open(model, false);
      stored.warnings();
      try (DecoderLm base = stored.family("a test", Device.cpu(), Precision.FLOAT32, false)) {
        score(base);
        if (kind.startsWith("adapter")) {
          try (DecoderLm adapted =
              base.with(AdapterFolder.read(folder.resolve("made/lora"), base).changes())) {
            score(adapted);
          }
        }
      }
      return true;
    } catch (InputException e) {
      assertTrue(e.getMessage().startsWith(folder.toString()), e::getMessage);
      assertEquals(1, e.getMessage().lines().count(), e::getMessage);
      return false;
    }
  }

  private static void score(CausalLm model) {
    model.score(List.of(GROUP), ComputeOptions.DEFAULT);
  }

  private void fuzz(String kind, int cases) throws IOException {
    Path file =
        switch (kind) {
          case "config" -> folder.resolve("model/config.json");
          case "weights" -> folder.resolve("model/model.safetensors");
          case "adapter-config" -> folder.resolve("made/lora/adapter_config.json");
          default -> folder.resolve("made/lora/adapter_model.safetensors");
        };
    byte[] seed = Files.readAllBytes(file);
    int used = 0;
    for (int i = 0; i < cases; i++) {
      SplittableRandom random = new SplittableRandom(i);
      if (file.toString().endsWith(".json")) {
        JsonNode json = JSON.readTree(seed);
        for (int times = random.nextInt(1, 4); times > 0; times--) {
          change(json, random);
        }
        Files.write(file, JSON.writeValueAsBytes(json));
      } else {
        Files.write(file, damaged(seed, random));
      }
      int number = i;
      try {
        used += assertTimeoutPreemptively(LONGEST, () -> used(kind)) ? 1 : 0;
      } catch (Throwable e) {
        fail(
            kind
                + " case "
                + number
                + ": "
                + e
                + " "
                + Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .findFirst()
                    .orElse(""),
            e);
      }
    }
    Files.write(file, seed);
    System.out.printf("%d changed %s: %d used, %d refused%n", cases, kind, used, cases - used);
  }

  @ParameterizedTest
  @CsvSource({"config,60", "weights,60", "adapter-config,40", "adapter-weights,40"})
  void aFewOfEach(String kind, int cases) throws IOException {
    fuzz(kind, cases);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"config,3000", "weights,3000", "adapter-config,2000", "adapter-weights,2000"})
  void thousands(String kind, int cases) throws IOException {
    fuzz(kind, cases);
  }

  @Test
  void theSeedsThemselvesAreUsed() {
    assertTrue(used("adapter-config"));
  }
}
