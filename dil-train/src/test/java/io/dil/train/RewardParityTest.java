package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Parameter;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.RewardHead;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.torch.GradMode;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds a reward model to TRL's and PEFT's numbers ({@code reward_parity.py write}). */
class RewardParityTest {
  private static final double CLOSE = 1e-5;
  private static final int EOS = 2;

  @TempDir Path folder;
  private JsonNode reference;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    Files.createDirectories(folder.resolve("adapter"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      try (InputStream in = RewardParityTest.class.getResourceAsStream("/reward/" + name)) {
        Files.write(folder.resolve("adapter").resolve(name), in.readAllBytes());
      }
    }
    try (InputStream in = RewardParityTest.class.getResourceAsStream("/reward/reference.json")) {
      reference = new ObjectMapper().readTree(in);
    }
  }

  private DecoderLm load() {
    return DecoderLm.loadReward(
        ModelFolder.open(folder.resolve("model")),
        new RewardStart(EOS, 1),
        Device.cpu(),
        Precision.FLOAT32,
        Sharding.NONE,
        false);
  }

  private static double[] numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode one : node) {
      if (one.isArray()) {
        one.forEach(inner -> numbers.add(inner.asDouble()));
      } else {
        numbers.add(one.asDouble());
      }
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private List<TokenizedExample> pairs() {
    List<TokenizedExample> pairs = new ArrayList<>();
    for (JsonNode pair : reference.path("pairs")) {
      TokenGroup group =
          new TokenGroup(
              Assets.tokens(pair.path("prompt")),
              List.of(Assets.tokens(pair.path("chosen")), Assets.tokens(pair.path("rejected"))));
      pairs.add(new TokenizedExample("pair", group, true, pair.path("margin").asDouble()));
    }
    return pairs;
  }

  private double[] rewards(DecoderLm model) {
    return model.score(
        pairs().stream().map(TokenizedExample::tokens).toList(), ComputeOptions.DEFAULT);
  }

  @ParameterizedTest
  @EnumSource(PromptSharing.class)
  void threeStepsAreThoseOfTrl(PromptSharing sharing) {
    JsonNode trl = reference.path("trl");
    ComputeOptions compute = ComputeOptions.DEFAULT.withSharing(sharing);
    try (DecoderLm model = load()) {
      setHead(model, numbers(reference.path("head")));
      model.trainAll();
      assertArrayEquals(numbers(trl.path("rewards_before")), rewards(model), CLOSE);
      try (AdamW optimizer =
          new AdamW(
              model.parameters(),
              model.manager(),
              model.kernels(),
              new AdamW.Options(0.9, 0.999, 1e-8, 0))) {
        Trainer trainer =
            new Trainer(
                model,
                null,
                Objective.of(
                    Losses.create(
                        "reward-bt",
                        Map.of(
                            "center_rewards_coefficient",
                            trl.path("center_rewards_coefficient").asDouble()))),
                optimizer,
                new Trainer.Options(PassSize.of(3), 1, compute, 0));
        for (int step = 0; step < trl.path("losses").size(); step++) {
          Map<String, Double> metrics = trainer.step(pairs(), trl.path("learning_rate").asDouble());
          assertEquals(trl.path("losses").get(step).asDouble(), metrics.get("loss"), CLOSE);
          double norm = trl.path("grad_norms").get(step).asDouble();
          assertEquals(norm, metrics.get("grad_norm"), 2e-5 * norm);
        }
      }
      JsonNode error = trl.path("float32_error");
      assertArrayEquals(
          numbers(trl.path("rewards_after")),
          rewards(model),
          CLOSE + 2 * error.path("rewards_after").asDouble());
      assertArrayEquals(
          numbers(trl.path("head")), doubles(model.weights().get(RewardHead.WEIGHT)), CLOSE);
      assertEquals(trl.path("weights").size(), model.parameters().size());
      for (Parameter parameter : model.parameters()) {
        JsonNode expected = trl.path("weights").path(parameter.name());
        double square = 0;
        for (double value : doubles(parameter.value())) {
          square += value * value;
        }
        double norm = expected.path("norm").asDouble();
        double slack = CLOSE + 2 * expected.path("float32_error").asDouble();
        assertEquals(norm, Math.sqrt(square), slack * norm, parameter.name());
      }
    }
  }

  private static double[] doubles(NDArray array) {
    float[] values = array.toFloatArray();
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static void setHead(DecoderLm model, double[] head) {
    float[] values = new float[head.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) head[i];
    }
    try (GradMode off = GradMode.off();
        NDManager scope = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        NDArray array = scope.create(values, new Shape(1, values.length))) {
      model.kernels().copy(model.weights().get(RewardHead.WEIGHT), array);
    }
  }

  @Test
  void rewardsOfAnAdapterAreThoseOfPeft() {
    try (DecoderLm base = load()) {
      double[] drawn = rewards(base);
      LoraAdapter adapter = AdapterFolder.read(folder.resolve("adapter"), base);
      try (DecoderLm adapted = adapter.on(base)) {
        assertArrayEquals(numbers(reference.path("adapter_rewards")), rewards(adapted), CLOSE);
      }
      // The base keeps the head that it has.
      assertArrayEquals(drawn, rewards(base));
    }
  }

  @Test
  void anAdapterGoesOnlyOnWhatItIsOf() throws IOException {
    Path file = folder.resolve("adapter/adapter_config.json");
    String config = Files.readString(file);
    try (DecoderLm base = load();
        DecoderLm text =
            DecoderLm.load(
                ModelFolder.open(folder.resolve("model")), Device.cpu(), Precision.FLOAT32)) {
      refused(
          text, "is one of a reward model, and the model that it is put on is a language model");
      Files.writeString(
          file,
          config
              .replace("SEQ_CLS", "CAUSAL_LM")
              .replaceFirst("(?s)\"modules_to_save\": \\[.*?]", "\"modules_to_save\": null"));
      refused(
          base, "is one of a language model, and the model that it is put on is a reward model");
      Files.writeString(file, config.replace("SEQ_CLS", "CAUSAL_LM"));
      refused(base, "modules_to_save must be off, since only plain LoRA is implemented");
      Files.writeString(file, config.replace("\"classifier\"", "\"lm_head\""));
      refused(base, "modules_to_save of a reward model must be among [classifier, score]");
      Files.writeString(file, config);
      Path weights = folder.resolve("adapter/adapter_model.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      String text8 = new String(bytes, StandardCharsets.ISO_8859_1);
      Files.write(
          weights,
          text8
              .replace("base_model.model.score.weight", "base_model.model.scorx.weight")
              .getBytes(StandardCharsets.ISO_8859_1));
      refused(base, "adapter of a reward model must hold its head");
    }
  }

  private void refused(DecoderLm base, String part) {
    InputException error =
        Assertions.assertThrows(
            InputException.class, () -> AdapterFolder.read(folder.resolve("adapter"), base));
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
