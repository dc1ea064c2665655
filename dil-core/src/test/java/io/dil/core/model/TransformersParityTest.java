package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Assets;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the model to what transformers scores and generates (numbers of src/test/python). */
class TransformersParityTest {
  /**
   * Nats a sequence; fp32 itself is off by up to 2e-4 on some, so each is held to the fp64 oracle
   * too.
   */
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(strings = {"stories260K-hf", "TinyStories-656K-f32"})
  void scoresAgree(String name) throws IOException {
    JsonNode reference = Assets.json(getClass(), "/parity/score-" + name + ".json.gz");
    double slack = reference.path("float32_error").asDouble();
    ModelFolder folder = ModelFolder.open(Assets.require("models/" + name));
    try (DecoderLm model = DecoderLm.loadToCompare(folder, Device.cpu(), Precision.FLOAT32)) {
      double worst = 0;
      for (JsonNode pair : reference.path("pairs")) {
        TokenGroup group =
            new TokenGroup(
                Assets.tokens(pair.path("prompt")),
                List.of(
                    Assets.tokens(pair.path("chosen").path("ids")),
                    Assets.tokens(pair.path("rejected").path("ids"))));
        double[] scores =
            model.score(List.of(group), ComputeOptions.DEFAULT.withSharing(PromptSharing.NEVER));
        for (int i = 0; i < 2; i++) {
          JsonNode side = pair.path(i == 0 ? "chosen" : "rejected");
          worst = Math.max(worst, Math.abs(scores[i] - side.path("logp_float64").asDouble()));
          assertEquals(
              side.path("logp").asDouble(),
              scores[i],
              TOLERANCE,
              () -> name + " row " + pair.path("row"));
        }
      }
      System.out.println(name + ": largest distance to the fp64 oracle " + worst + " nats");
      assertEquals(0, worst, TOLERANCE + slack);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stories260K-hf", "TinyStories-656K-f32"})
  void greedyGenerationsAgree(String name) throws IOException {
    JsonNode reference = Assets.json(getClass(), "/parity/generate-" + name + ".json");
    List<Tokens> prompts = new ArrayList<>();
    List<Tokens> expected = new ArrayList<>();
    for (JsonNode row : reference.path("generations")) {
      prompts.add(Assets.tokens(row.path("prompt")));
      expected.add(Assets.tokens(row.path("generated")));
    }
    try (DecoderLm model = load(name)) {
      Generator generator = new Generator(model, Set.of(reference.path("eos").asInt()));
      assertEquals(
          expected,
          generator.generate(
              prompts, GenerationOptions.greedy(reference.path("max_new_tokens").asInt())));
    }
  }

  private static DecoderLm load(String name) {
    return DecoderLm.load(
        ModelFolder.open(Assets.require("models/" + name)), Device.cpu(), Precision.FLOAT32);
  }
}
