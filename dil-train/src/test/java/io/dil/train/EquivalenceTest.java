package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.LowRank;
import io.dil.core.model.Precision;
import io.dil.core.model.Recompute;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.model.lora.LoraConfig;
import io.dil.core.model.lora.LoraTargets;
import io.dil.data.TokenizedExample;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a step is cut up or computed, it is the same step: trajectories stay together. */
class EquivalenceTest {
  private static final int BATCH = 8;
  private static final int STEPS = 4;
  private static final long SEED = 42;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dpo", "simpo", "sft", "kto", "aot"})
  void everyWayGivesTheSameSteps(String loss) throws IOException {
    everyWay(loss, (compute, steps) -> train(compute, steps));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "simpo", "sft", "kto", "aot"})
  void anAdapterDropsTheSameEveryWay(String loss) throws IOException {
    everyWay(loss, (compute, steps) -> trainAdapter(0.1, compute, steps));
    Map<String, float[]> kept = trainAdapter(0, ComputeOptions.DEFAULT, steps(loss, BATCH));
    Map<String, float[]> dropped = trainAdapter(0.1, ComputeOptions.DEFAULT, steps(loss, BATCH));
    String name = "model.layers.0.mlp.up_proj.lora_B.weight";
    assertTrue(distance(kept.get(name), dropped.get(name)) > 1e-3);
  }

  /** Trains a model one way. */
  private interface Way {
    Map<String, float[]> train(ComputeOptions compute, Steps steps);
  }

  /** Takes all steps on a policy. */
  private interface Steps {
    void take(DecoderLm policy, ComputeOptions compute);
  }

  private void everyWay(String loss, Way way) throws IOException {
    Quickstart.unpack(folder);
    ComputeOptions plain =
        ComputeOptions.DEFAULT.withSharePrompts(false).withRecompute(Recompute.NEVER);
    Map<String, float[]> whole = way.train(plain, steps(loss, BATCH));
    close(whole, way.train(plain, steps(loss, 4)), loss + " 4x2");
    close(whole, way.train(plain, steps(loss, 1)), loss + " 1x8");
    close(whole, way.train(plain.withSharePrompts(true), steps(loss, BATCH)), loss + " shared");
    close(
        whole,
        way.train(plain.withRecompute(Recompute.ALWAYS), steps(loss, BATCH)),
        loss + " recomputed");
    close(whole, way.train(plain.withHeadBytes(4 * 77 * 3), steps(loss, BATCH)), loss + " chunked");
    close(
        whole,
        way.train(
            ComputeOptions.DEFAULT.withRecompute(Recompute.ALWAYS).withHeadBytes(1),
            steps(loss, 2)),
        loss + " all at once");
  }

  private Map<String, float[]> train(ComputeOptions compute, Steps steps) {
    try (DecoderLm policy = load().trainAll()) {
      steps.take(policy, compute);
      return weights(policy);
    }
  }

  private Map<String, float[]> trainAdapter(double dropout, ComputeOptions compute, Steps steps) {
    LoraConfig config = new LoraConfig(4, 8, List.of(LoraTargets.ALL), false, dropout);
    try (DecoderLm base = load();
        LoraAdapter adapter = LoraAdapter.create(base, config, SEED);
        DecoderLm policy = base.with(adapter.changes()).trainAdapter(dropout)) {
      SplittableRandom random = new SplittableRandom(SEED);
      for (LowRank change : adapter.changes().values()) {
        float[] draws = new float[(int) change.b().size()];
        for (int i = 0; i < draws.length; i++) {
          draws[i] = (float) random.nextDouble(-0.1, 0.1);
        }
        change.b().set(draws);
      }
      steps.take(policy, compute);
      return weights(policy);
    }
  }

  private static Map<String, float[]> weights(DecoderLm policy) {
    Map<String, float[]> weights = new HashMap<>();
    policy.parameters().forEach(one -> weights.put(one.name(), one.master().toFloatArray()));
    return weights;
  }

  private Steps steps(String loss, int microBatch) {
    List<List<TokenizedExample>> batches = batches();
    return (policy, compute) -> {
      try (ReferenceScores reference = ReferenceScores.frozen(load(), compute);
          AdamW optimizer =
              new AdamW(
                  policy.parameters(),
                  policy.manager(),
                  policy.kernels(),
                  // An epsilon that is not lost beside the gradients' rounding keeps the steps
                  // smooth.
                  new AdamW.Options(0.9, 0.999, 1e-4, 0.01))) {
        Trainer trainer =
            new Trainer(
                policy,
                reference,
                Objective.of(Losses.create(loss)),
                optimizer,
                new Trainer.Options(microBatch, 1, compute, SEED));
        batches.forEach(batch -> trainer.step(batch, 1e-3));
      }
    };
  }

  private static void close(Map<String, float[]> a, Map<String, float[]> b, String what) {
    a.forEach(
        (name, expected) ->
            assertEquals(0, distance(expected, b.get(name)), 1e-6, what + ": " + name));
  }

  private static double distance(float[] expected, float[] got) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(expected[i] - got[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private List<List<TokenizedExample>> batches() {
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(folder.resolve("model"), new Truncation(64, 32));
    DataConfig data = DataConfig.of(DataSpec.parse("pairs:" + folder.resolve("pairs.jsonl")));
    List<List<TokenizedExample>> batches = new ArrayList<>();
    try (ExampleStream stream = ExampleStream.open(data, tokenizer, DataPosition.start())) {
      for (int i = 0; i < STEPS; i++) {
        List<TokenizedExample> batch = new ArrayList<>();
        while (batch.size() < BATCH) {
          batch.add(stream.next());
        }
        batches.add(batch);
      }
    }
    return batches;
  }

  private DecoderLm load() {
    return DecoderLm.load(
        ModelFolder.open(folder.resolve("model")), Device.cpu(), Precision.FLOAT32);
  }
}
