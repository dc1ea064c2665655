package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.Architectures;
import io.dil.core.model.ModelSpec;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.plan.RunPlan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans are made from configurations alone, and held to peaks that were measured. */
class PlanCommandTest {
  private static final double GIB = 1L << 30;

  @TempDir Path folder;

  private Path config(String model) throws IOException {
    Path models = Files.createDirectories(folder.resolve(model));
    Files.writeString(models.resolve("config.json"), MODELS.path(model).toString());
    Path yaml = folder.resolve("run.yaml");
    Files.writeString(
        yaml,
        """
        model_name_or_path: %s
        dataset_name: pairs:nowhere.jsonl
        output_dir: %s
        loss_type: dil-lsif
        per_device_train_batch_size: 8
        gradient_accumulation_steps: 16
        max_length: 2048
        """
            .formatted(models, folder.resolve("out")));
    return yaml;
  }

  private static final JsonNode MODELS = models();

  private static JsonNode models() {
    try {
      return new ObjectMapper()
          .readTree(
              """
              {"mistral-7b": {"model_type": "mistral", "hidden_size": 4096,
                "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
                "num_key_value_heads": 8, "vocab_size": 32000, "rope_theta": 10000.0,
                "sliding_window": 4096, "max_position_embeddings": 32768, "rms_norm_eps": 1e-5,
                "hidden_act": "silu", "tie_word_embeddings": false},
               "llama-3-8b": {"model_type": "llama", "hidden_size": 4096,
                "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
                "num_key_value_heads": 8, "vocab_size": 128256, "rope_theta": 500000.0,
                "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                "tie_word_embeddings": false},
               "smollm2-135m": {"model_type": "llama", "hidden_size": 576,
                "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
                "num_key_value_heads": 3, "vocab_size": 49152, "rope_theta": 100000,
                "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                "tie_word_embeddings": true},
               "qwen2.5-1.5b": {"model_type": "qwen2", "hidden_size": 1536,
                "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
                "num_key_value_heads": 2, "vocab_size": 151936, "rope_theta": 1000000.0,
                "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                "tie_word_embeddings": true},
               "phi-3-mini": {"model_type": "phi3", "hidden_size": 3072,
                "intermediate_size": 8192, "num_hidden_layers": 32, "num_attention_heads": 32,
                "num_key_value_heads": 32, "vocab_size": 32064, "rope_theta": 10000.0,
                "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
                "sliding_window": 2047, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                "tie_word_embeddings": false, "pad_token_id": 2}}
              """);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String[] words(Path yaml, String more) {
    List<String> words = new ArrayList<>(List.of("plan", yaml.toString()));
    words.addAll(List.of(more.split(" ")));
    return words.toArray(String[]::new);
  }

  private static String output(int status, String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(status, Dil.run(words));
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /**
   * The last number is the allocator's peak on the stand-in for CUDA (docs/gpu.md), with passes of
   * 14 336 tokens (or the size given), three quarters of which are scored: what MeasurePeak of the
   * examples prints.
   */
  @ParameterizedTest
  @CsvSource({
    "llama-3-8b, --devices 4 max_tokens_per_pass=14336 gradient_checkpointing=true, 73742155776",
    "mistral-7b, --devices 1 max_tokens_per_pass=8192 optim=adamw_8bit gradient_dtype=bfloat16"
        + " precompute_ref_log_probs=true gradient_checkpointing=true, 77789659136",
    "mistral-7b, --devices 1 max_tokens_per_pass=8192 optim=adamw_8bit gradient_dtype=bfloat16"
        + " offload_reference=true gradient_checkpointing=true, 77772881920",
    "smollm2-135m, --devices 1 max_tokens_per_pass=14336 gradient_checkpointing=auto, 14661189632",
    "smollm2-135m, --devices 1 max_tokens_per_pass=14336 gradient_checkpointing=true, 3963617280",
    "smollm2-135m, --devices 1 max_tokens_per_pass=14336 gradient_checkpointing=true bf16=false,"
        + " 5070913536",
    "qwen2.5-1.5b, --devices 1 max_tokens_per_pass=14336 gradient_checkpointing=true use_peft=true,"
        + " 7669284864",
    "qwen2.5-1.5b, --devices 1 max_tokens_per_pass=14336 gradient_checkpointing=false"
        + " use_peft=true, 46028292096",
    "phi-3-mini, --devices 2 zero_stage=3 max_tokens_per_pass=14336, 45524975616"
  })
  void isWithinFivePercentOfWhatWasMeasured(String model, String more, long measured)
      throws IOException {
    JsonNode plan =
        new ObjectMapper().readTree(output(Dil.OK, words(config(model), more + " --json")));
    double total = plan.path("total_bytes").asDouble();
    assertEquals(measured, total, 0.05 * measured, model + " " + more + ": " + plan);
    assertTrue(plan.path("fits").asBoolean());
  }

  @Test
  void whatDoesNotFitIsSaidWithWhatToChange() throws IOException {
    String text = output(Dil.FAILURE, words(config("mistral-7b"), "--devices 1 --gib 80"));
    assertTrue(text.contains("does not fit; change one of: "), text);
    assertTrue(text.contains("optim=adamw_8bit"), text);
    text = output(Dil.OK, words(config("mistral-7b"), "--devices 4 --gib 80"));
    assertTrue(text.contains("80.0 GiB a device: fits"), text);
  }

  @Test
  void activationsAreKeptWhereTheyFitAndPassesAreHalvedWhereTheyDoNot() throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path yaml = config("smollm2-135m");
    JsonNode large = json.readTree(output(Dil.OK, words(yaml, "--gib 80 --json")));
    assertEquals(false, large.path("recompute").asBoolean());
    JsonNode small = json.readTree(output(Dil.OK, words(yaml, "--gib 6 --json")));
    assertEquals(true, small.path("recompute").asBoolean());
    assertTrue(small.path("total_bytes").asDouble() <= 6 * GIB * 0.95);
    JsonNode least = json.readTree(output(Dil.OK, words(yaml, "--gib 3.4 --json")));
    assertTrue(least.path("tokens_per_pass").asLong() < small.path("tokens_per_pass").asLong());
  }

  @Test
  void aRunThatDoesNotFitIsRefusedInOneLine() throws IOException {
    Path yaml = config("mistral-7b");
    TrainingConfig settings = TrainingConfig.of(ConfigFile.read(yaml, List.of())).on(true);
    Path folder = yaml.resolveSibling("mistral-7b");
    ModelSpec spec =
        Architectures.read(
            new ModelFolder(
                folder, ModelFolder.json(folder.resolve("config.json")), Map.of(), Map.of()));
    RunPlan plan = RunPlan.of(settings, spec, 1, true, 80L << 30, true);
    InputException error = assertThrows(InputException.class, plan::require);
    assertTrue(error.getMessage().startsWith("run needs "), error::getMessage);
    assertTrue(error.getMessage().contains("got 76.0 GiB"), error::getMessage);
    assertEquals(1, error.getMessage().lines().count());
    // Where memory runs out all the same, only what a begun run may change is named.
    List<String> later = plan.adviceInRun();
    assertTrue(later.get(0).startsWith("max_tokens_per_pass="), later::toString);
    assertTrue(later.contains("offload_optimizer=true"), later::toString);
    assertFalse(later.contains("optim=adamw_8bit"), later::toString);
  }

  @Test
  void badNumbersAreRefused() throws IOException {
    assertEquals(Dil.BAD_INPUT, Dil.run(words(config("smollm2-135m"), "--devices 0")));
    assertEquals(Dil.BAD_INPUT, Dil.run(words(config("smollm2-135m"), "--gib -1")));
  }

  /** What a reward model does without is its base's projection, its gradient and its moments. */
  @Test
  void aRewardModelHasNoVocabularyToProjectOn() throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path yaml = config("mistral-7b");
    String same =
        "--devices 4 gradient_checkpointing=true max_tokens_per_pass=14336 --json loss_type=";
    JsonNode text = json.readTree(output(Dil.OK, words(yaml, same + "simpo")));
    JsonNode reward = json.readTree(output(Dil.OK, words(yaml, same + "reward-bt")));
    // In bfloat16, and 4 + 8 + 4 bytes of master, moments and gradient on one of four devices.
    double projection = 32000.0 * 4096 * (2 + 16 / 4);
    double less = text.path("total_bytes").asDouble() - reward.path("total_bytes").asDouble();
    assertTrue(less > 0.99 * projection, () -> text + " " + reward);
  }

  static Stream<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../examples/configs"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void recipesAreConfigurationsAndThePapersAreAsItSays(Path file) {
    TrainingConfig config = TrainingConfig.of(ConfigFile.read(file, List.of()));
    if (!config.loss().name().startsWith("dil")) {
      return;
    }
    assertEquals(128, config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION));
    assertEquals(2048, config.get(Settings.MAX_LENGTH));
    assertEquals("4", config.get(DeviceSettings.DEVICES));
  }
}
