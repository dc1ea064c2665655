package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Metrics of tokens against those that TRL's DPOTrainer logs ({@code
 * dil-train/src/test/python/token_metrics.py} ran it).
 */
class TokenMetricsTest {
  private static final List<String> NAMES =
      List.of("entropy", "mean_token_accuracy", "logits/chosen", "logits/rejected");

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void equalThoseOfTrl(int passExamples) throws IOException {
    JsonNode golden = Assets.json("/parity/token-metrics-stories260K-hf.json.gz");
    List<TokenizedExample> pairs = new ArrayList<>();
    for (JsonNode pair : golden.path("pairs")) {
      TokenGroup group =
          new TokenGroup(
              tokens(pair.path("prompt")),
              List.of(tokens(pair.path("chosen")), tokens(pair.path("rejected"))));
      pairs.add(new TokenizedExample("row " + pairs.size(), group, true));
    }
    ComputeOptions compute = ComputeOptions.DEFAULT.withStatistics(true);
    for (String loss : List.of("dpo", "aot")) {
      try (DecoderLm policy = load().trainAll();
          ReferenceScores frozen = ReferenceScores.frozen(load(), compute);
          AdamW optimizer =
              new AdamW(
                  policy.parameters(),
                  policy.manager(),
                  policy.kernels(),
                  new AdamW.Options(0.9, 0.999, 1e-8, 0))) {
        Trainer trainer =
            new Trainer(
                policy,
                frozen,
                Objective.of(Losses.create(loss, Map.of())),
                optimizer,
                new Trainer.Options(PassSize.of(passExamples), 1, compute, 0));
        Map<String, Double> evaluation = trainer.evaluate(List.of(pairs));
        Map<String, Double> step = trainer.step(pairs, 1e-6);
        for (String name : NAMES) {
          double expected = golden.path("metrics").path(name).asDouble();
          double slack = 2e-6 * Math.max(1, Math.abs(expected));
          assertEquals(expected, step.get(name), slack, loss + " " + name);
          assertEquals(expected, evaluation.get("eval_" + name), slack, loss + " eval " + name);
        }
      }
    }
  }

  @Test
  void areNotThereUnlessAskedFor() throws IOException {
    TokenGroup group = new TokenGroup(Tokens.of(1, 2), List.of(Tokens.of(3)));
    try (DecoderLm model = load();
        Pass pass = model.inference(List.of(group), ComputeOptions.DEFAULT)) {
      assertThrows(IllegalStateException.class, pass::statistics);
    }
  }

  private static DecoderLm load() throws IOException {
    Path folder = Assets.require("models/stories260K-hf");
    return DecoderLm.load(ModelFolder.open(folder), Device.cpu(), Precision.FLOAT32);
  }

  private static Tokens tokens(JsonNode ids) {
    int[] all = new int[ids.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = ids.get(i).asInt();
    }
    return Tokens.of(all);
  }
}
