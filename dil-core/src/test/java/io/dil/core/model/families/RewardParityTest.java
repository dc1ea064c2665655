package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Assets;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.collective.Collectives;
import io.dil.core.model.AttentionRuns;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import io.dil.core.model.RewardHead;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.torch.GradMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the reward model of every family to transformers' (src/test/python/rewards.py). */
class RewardParityTest {
  private static final double CLOSE = 1e-4;

  static Stream<TinyCheckpoint> checkpoints() throws Exception {
    return TinyCheckpoint.all().stream();
  }

  private static JsonNode expected(TinyCheckpoint checkpoint) throws IOException {
    return Assets.json(
        RewardParityTest.class, "/families/" + checkpoint.path().getFileName() + "/reward.json.gz");
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }

  /** Loads the checkpoint's layers under the head that transformers had. */
  private static DecoderLm load(TinyCheckpoint checkpoint, JsonNode expected, Precision precision) {
    DecoderLm model =
        DecoderLm.loadReward(
            checkpoint.folder(),
            new RewardStart(expected.path("pad_token_id").asInt(), 1),
            Device.cpu(),
            precision,
            new Sharding(Collectives.alone(), false),
            false);
    double[] head = numbers(expected.path("score"));
    float[] values = new float[head.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) head[i];
    }
    try (GradMode off = GradMode.off();
        NDManager scope = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        NDArray array = scope.create(values, new Shape(1, values.length))) {
      model.kernels().copy(model.weights().get(RewardHead.WEIGHT), array);
    }
    return model;
  }

  private static List<ComputeOptions> ways() {
    List<ComputeOptions> ways = new ArrayList<>();
    for (PromptSharing sharing : List.of(PromptSharing.ALWAYS, PromptSharing.NEVER)) {
      for (AttentionRuns runs : List.of(AttentionRuns.BY_RUN, AttentionRuns.PACKED)) {
        ways.add(ComputeOptions.DEFAULT.withSharing(sharing).withAttention(runs));
      }
    }
    return ways;
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void rewardsAgree(TinyCheckpoint checkpoint) throws IOException {
    JsonNode expected = expected(checkpoint);
    try (DecoderLm model = load(checkpoint, expected, Precision.FLOAT32)) {
      for (ComputeOptions options : ways()) {
        double[] rewards = model.score(checkpoint.groups(), options);
        assertArrayEquals(numbers(expected.path("reward")), rewards, CLOSE);
        assertArrayEquals(numbers(expected.path("reward_float64")), rewards, CLOSE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void gradientsAgree(TinyCheckpoint checkpoint) throws IOException {
    JsonNode expected = expected(checkpoint);
    try (DecoderLm model = load(checkpoint, expected, Precision.FLOAT32).trainAll()) {
      for (ComputeOptions options : ways()) {
        Map<String, float[]> gradients = gradients(model, checkpoint, options);
        assertEquals(
            new TreeSet<>(names(expected.path("gradients"))), new TreeSet<>(gradients.keySet()));
        gradients.forEach(
            (name, gradient) ->
                FamiliesParityTest.agree(name, expected.path("gradients"), gradient));
        Map<String, float[]> again =
            gradients(model, checkpoint, options.withRecompute(Recompute.ALWAYS));
        gradients.forEach((name, values) -> assertArrayEquals(values, again.get(name), name));
      }
    }
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Map<String, float[]> gradients(
      DecoderLm model, TinyCheckpoint checkpoint, ComputeOptions options) {
    List<Parameter> parameters = model.parameters();
    model.kernels().zero(parameters.stream().map(Parameter::gradient).toList());
    try (Pass pass = model.forward(checkpoint.groups(), options)) {
      pass.backward(checkpoint.numbers("weight"));
    }
    Map<String, float[]> gradients = new HashMap<>();
    parameters.forEach(
        parameter -> gradients.put(parameter.name(), parameter.gradient().toFloatArray()));
    return gradients;
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void whatIsWrittenOpensAgainAsTransformersNamesIt(TinyCheckpoint checkpoint, @TempDir Path out)
      throws IOException {
    JsonNode expected = expected(checkpoint);
    double[] rewards;
    try (DecoderLm model = load(checkpoint, expected, Precision.FLOAT32)) {
      rewards = model.score(checkpoint.groups(), ComputeOptions.DEFAULT);
      ModelWriter.write(out, model, checkpoint.folder());
    }
    ModelFolder written = ModelFolder.open(out);
    assertEquals(expected.path("architectures"), written.config().path("architectures"));
    assertEquals(expected.path("pad_token_id"), written.config().path("pad_token_id"));
    assertEquals(1, written.config().path("id2label").size());
    assertTrue(written.tensors().containsKey(RewardHead.WEIGHT));
    assertFalse(written.tensors().containsKey("lm_head.weight"));
    assertFalse(written.tensors().containsKey("embed_out.weight"));
    // A folder of a reward model is one without being asked.
    try (DecoderLm model = DecoderLm.load(written, Device.cpu(), Precision.FLOAT32)) {
      assertTrue(model.spec().isReward());
      assertArrayEquals(rewards, model.score(checkpoint.groups(), ComputeOptions.DEFAULT));
      assertThrows(IllegalStateException.class, () -> model.decode(1, 8));
    }
  }

  /** bfloat16 keeps 8 bits: what counts is that no sequence is far off. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void bfloat16IsClose(TinyCheckpoint checkpoint) throws IOException {
    JsonNode expected = expected(checkpoint);
    double[] exact = numbers(expected.path("reward_float64"));
    double spread = 0;
    for (double value : exact) {
      spread = Math.max(spread, Math.abs(value));
    }
    try (DecoderLm model = load(checkpoint, expected, Precision.BFLOAT16)) {
      double[] rewards = model.score(checkpoint.groups(), ComputeOptions.DEFAULT);
      assertArrayEquals(exact, rewards, 0.15 * spread);
    }
  }

  @Test
  void aHeadIsDrawnFromTheSeed() throws Exception {
    TinyCheckpoint checkpoint = TinyCheckpoint.all().get(0);
    List<double[]> heads = new ArrayList<>();
    for (long seed : List.of(1L, 1L, 2L)) {
      try (DecoderLm model =
          DecoderLm.loadReward(
              checkpoint.folder(),
              new RewardStart(RewardHead.NONE, seed),
              Device.cpu(),
              Precision.FLOAT32,
              new Sharding(Collectives.alone(), false),
              false)) {
        float[] values = model.weights().get(RewardHead.WEIGHT).toFloatArray();
        double square = 0;
        double[] head = new double[values.length];
        for (int i = 0; i < values.length; i++) {
          head[i] = values[i];
          square += head[i] * head[i];
        }
        heads.add(head);
        double range = checkpoint.folder().config().path("initializer_range").asDouble(0.02);
        double deviation = Math.sqrt(square / values.length);
        assertTrue(deviation > range / 2 && deviation < 2 * range, () -> "deviation " + deviation);
      }
    }
    assertArrayEquals(heads.get(0), heads.get(1));
    assertFalse(heads.get(0)[0] == heads.get(2)[0]);
  }

  @Test
  void whatIsNoRewardModelIsRefused(@TempDir Path out) throws Exception {
    TinyCheckpoint checkpoint = TinyCheckpoint.all().get(0);
    try (DecoderLm model = load(checkpoint, expected(checkpoint), Precision.FLOAT32)) {
      ModelWriter.write(out, model, checkpoint.folder());
    }
    Path file = out.resolve("config.json");
    String config = Files.readString(file);
    refused(
        out,
        config.replaceFirst("\"0\" : \"LABEL_0\"", "\"0\" : \"LABEL_0\", \"1\" : \"LABEL_1\""),
        "a reward model must have num_labels 1 (one label in id2label), got 2");
    refused(
        out,
        config.replaceFirst("\"pad_token_id\" : \\d+", "\"pad_token_id\" : \"x\""),
        "'pad_token_id' must be the id of a token, got \"x\"");
    refused(
        out,
        config.replaceFirst("\"id2label\" : \\{[^}]*\\}", "\"num_labels\" : 3"),
        "a reward model must have num_labels 1 (one label in id2label), got 3");
  }

  private static void refused(Path folder, String config, String part) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    InputException error =
        assertThrows(
            InputException.class,
            () ->
                DecoderLm.load(ModelFolder.open(folder), Device.cpu(), Precision.FLOAT32).close());
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
