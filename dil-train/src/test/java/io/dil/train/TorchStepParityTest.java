package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.TokenGroup;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Parameter;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.objective.PairWeights;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds steps of ours to torch's: transformers' model, torch's autograd, clipping and AdamW. */
class TorchStepParityTest {
  private static final double RELATIVE = 1e-6;

  @ParameterizedTest
  @CsvSource({
    "dil-lsif, dil-lsif, true",
    "dil-lsif, dil-lsif, false",
    "dil-lsif-clipped, dil-lsif, true",
    "dpo, dpo, true",
    "sft-row-mean, sft, true",
    "sft-row-mean-clipped, sft, true"
  })
  void stepsAgree(String name, String loss, boolean sharePrompts) throws IOException {
    Map<String, ?> parameters = loss.equals("dpo") ? Map.of("beta", 0.1) : Map.of();
    check(name, Objective.of(Losses.create(loss, parameters)), sharePrompts);
  }

  /** Steps of TRL's own loss, on the log-probabilities that transformers gives each token. */
  @ParameterizedTest
  @CsvSource({
    "trl-ld-alpha, dpo, 0.3, false",
    "trl-ld-alpha-ipo, ipo, 0.5, false",
    "trl-weighting, dpo, 1, true",
    "trl-mixture, dpo+bco-pair+sft, 1, false",
    "trl-mixture-weighted, dpo+bco-pair, 0.2, true",
  })
  void stepsOfTrlAgree(String name, String loss, double tail, boolean weighting)
      throws IOException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put(loss.equals("ipo") ? "tau" : "beta", 0.1);
    if (loss.contains("sft")) {
      parameters.put("loss_weights", "[0.8, 0.2, 1]");
      parameters.put("sft.average_over", "tokens");
    } else if (loss.contains("+")) {
      parameters.put("loss_weights", "[0.7, 0.3]");
    }
    for (boolean share : new boolean[] {false, true}) {
      check(
          name,
          Objective.of(Losses.create(loss, parameters), new PairWeights(tail, weighting)),
          share);
    }
  }

  private static void check(String name, Objective objective, boolean sharePrompts)
      throws IOException {
    JsonNode reference = Assets.json("/parity/train-step-stories260K-hf.json.gz");
    JsonNode run = reference.path("runs").path(name);
    Path folder = Assets.require("models/stories260K-hf");
    JsonNode adamw = reference.path("adamw");
    ComputeOptions compute =
        ComputeOptions.DEFAULT.withSharing(
            sharePrompts ? PromptSharing.ALWAYS : PromptSharing.NEVER);
    try (DecoderLm policy = load(folder).trainAll();
        ReferenceScores frozen = ReferenceScores.frozen(load(folder), compute);
        AdamW optimizer =
            new AdamW(
                policy.parameters(),
                policy.manager(),
                policy.kernels(),
                new AdamW.Options(
                    adamw.path("betas").get(0).asDouble(),
                    adamw.path("betas").get(1).asDouble(),
                    adamw.path("eps").asDouble(),
                    adamw.path("weight_decay").asDouble()))) {
      Trainer trainer =
          new Trainer(
              policy,
              frozen,
              objective,
              optimizer,
              new Trainer.Options(
                  PassSize.of(4), run.path("max_grad_norm").asDouble(), compute, 0));
      List<TokenizedExample> batch = batch(reference);
      for (int step = 0; step < run.path("losses").size(); step++) {
        Map<String, Double> metrics = trainer.step(batch, adamw.path("lr").asDouble());
        double loss = run.path("losses").get(step).asDouble();
        assertEquals(loss, metrics.get("loss"), 1e-5 * Math.max(1, loss));
        double norm = run.path("grad_norms").get(step).asDouble();
        assertEquals(norm, metrics.get("grad_norm"), 2e-5 * norm);
        if (step == 0) {
          compare(policy.parameters(), run, "weight_after_1");
        }
      }
      compare(policy.parameters(), run, "weight_after_3");
    }
  }

  /** Entries are held to torch within 1e-6 and what fp32 itself is off from torch's fp64. */
  private static void compare(List<Parameter> parameters, JsonNode run, String when) {
    assertEquals(run.path("parameters").size(), parameters.size());
    Map<String, JsonNode> byName = new HashMap<>();
    run.path("parameters").forEach(node -> byName.put(node.path("name").asText(), node));
    for (Parameter parameter : parameters) {
      JsonNode expected = byName.get(parameter.name());
      JsonNode weights = expected.path(when);
      float[] ours = parameter.value().toFloatArray();
      double norm = 0;
      for (float value : ours) {
        norm += (double) value * value;
      }
      double wanted = weights.path("norm").asDouble();
      double slack = weights.path("float32_error_norm").asDouble();
      assertEquals(
          wanted, Math.sqrt(norm), (RELATIVE + slack) * wanted, parameter.name() + " " + when);
      double largest = 0;
      for (JsonNode value : weights.path("entries")) {
        largest = Math.max(largest, Math.abs(value.asDouble()));
      }
      double entrySlack = RELATIVE + 2 * weights.path("float32_error").asDouble();
      for (int j = 0; j < weights.path("entries").size(); j++) {
        int at = expected.path("entries_at").get(j).asInt();
        double entry = weights.path("entries").get(j).asDouble();
        double got = ours[at];
        assertTrue(
            Math.abs(entry - got) <= entrySlack * Math.max(largest, 1e-3),
            () -> parameter.name() + "[" + at + "] " + when + ": " + entry + " got " + got);
      }
    }
  }

  private static List<TokenizedExample> batch(JsonNode reference) {
    List<TokenizedExample> batch = new ArrayList<>();
    for (JsonNode row : reference.path("batch")) {
      batch.add(
          new TokenizedExample(
              row.path("row").asText(),
              new TokenGroup(
                  Assets.tokens(row.path("prompt")),
                  List.of(Assets.tokens(row.path("chosen")), Assets.tokens(row.path("rejected")))),
              true));
    }
    return batch;
  }

  private static DecoderLm load(Path folder) {
    return DecoderLm.load(ModelFolder.open(folder), Device.cpu(), Precision.FLOAT32);
  }
}
