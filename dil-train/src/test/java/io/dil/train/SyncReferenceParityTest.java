package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.TokenGroup;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.MovingReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Steps with a moving reference beside TRL's own trainer ({@code
 * dil-train/src/test/python/sync_reference.py} wrote its numbers).
 */
class SyncReferenceParityTest {
  /** Losses differ by fp32's rounding, which Adam's first steps make larger. */
  private static final double LOSS = 1e-4;

  /** Of a weight's norm; of an entry, the largest among those that are compared. */
  private static final double NORM = 1e-5;

  private static final double ENTRY = 2e-3;

  @Test
  void lossesAndWeightsAreTrls() throws IOException {
    JsonNode golden = Assets.json("/parity/sync-reference-stories260K-hf.json.gz");
    JsonNode settings = golden.path("settings");
    List<TokenizedExample> batch = new ArrayList<>();
    for (JsonNode row : golden.path("batch")) {
      TokenGroup tokens =
          new TokenGroup(
              Assets.tokens(row.path("prompt")),
              List.of(Assets.tokens(row.path("chosen")), Assets.tokens(row.path("rejected"))));
      batch.add(new TokenizedExample(row.path("row").asText(), tokens, true));
    }
    DecoderLm frozen = load();
    try (DecoderLm policy = load().trainAll();
        MovingReference reference =
            new MovingReference(
                frozen,
                ComputeOptions.DEFAULT,
                settings.path("ref_model_mixup_alpha").asDouble(),
                settings.path("ref_model_sync_steps").asInt());
        AdamW optimizer =
            new AdamW(
                policy.parameters(),
                policy.manager(),
                policy.kernels(),
                new AdamW.Options(0.9, 0.999, 1e-8, settings.path("weight_decay").asDouble()))) {
      Trainer trainer =
          new Trainer(
              policy,
              reference,
              Objective.of(Losses.create("dpo", Map.of("beta", settings.path("beta").asDouble()))),
              optimizer,
              new Trainer.Options(
                  PassSize.of(batch.size()),
                  settings.path("max_grad_norm").asDouble(),
                  ComputeOptions.DEFAULT,
                  0));
      JsonNode losses = golden.path("losses");
      assertTrue(losses.size() >= 5);
      for (int step = 1; step <= losses.size(); step++) {
        double loss = trainer.step(batch, settings.path("learning_rate").asDouble()).get("loss");
        assertEquals(losses.get(step - 1).asDouble(), loss, LOSS, "step " + step);
        reference.stepped(step, policy);
      }
      compare(golden.path("policy"), policy.weights(), "policy");
      compare(golden.path("reference"), frozen.weights(), "reference");
    }
  }

  private static void compare(JsonNode golden, Map<String, NDArray> weights, String whose) {
    assertEquals(golden.size(), weights.size());
    weights.forEach(
        (name, array) -> {
          float[] values = array.toFloatArray();
          double squares = 0;
          for (float value : values) {
            squares += (double) value * value;
          }
          JsonNode expected = golden.path(name);
          double norm = expected.path("norm").asDouble();
          assertEquals(norm, Math.sqrt(squares), NORM * norm, whose + " " + name);
          for (int i = 0; i < expected.path("at").size(); i++) {
            assertEquals(
                expected.path("entries").get(i).asDouble(),
                values[expected.path("at").get(i).asInt()],
                ENTRY,
                whose + " " + name);
          }
        });
  }

  private static DecoderLm load() {
    return DecoderLm.load(
        ModelFolder.open(Assets.require("models/stories260K-hf")), Device.cpu(), Precision.FLOAT32);
  }
}
