package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.LowRank;
import io.dil.core.model.Precision;
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
import io.dil.train.reference.CachedReference;
import io.dil.train.reference.ReferenceScores;
import io.dil.train.reference.ScoreFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a step is cut up or computed, it is the same step: trajectories stay together. */
class EquivalenceTest {
  static final int BATCH = 8;
  private static final long SEED = 42;

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dpo", "simpo", "sft", "kto", "aot"})
  void everyWayGivesTheSameSteps(String loss) {
    List<List<TokenizedExample>> batches = batches(4);
    Map<String, float[]> plain = train(loss, batches, Way.PLAIN).weights();
    for (Way way : Way.each()) {
      close(plain, train(loss, batches, way).weights(), loss + " " + way);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "simpo", "sft", "kto", "aot"})
  void anAdapterDropsTheSameEveryWay(String loss) {
    List<List<TokenizedExample>> batches = batches(4);
    Map<String, float[]> plain = trainAdapter(0.1, loss, batches, Way.PLAIN);
    for (Way way : Way.each()) {
      close(plain, trainAdapter(0.1, loss, batches, way), loss + " " + way);
    }
    String name = "model.layers.0.mlp.up_proj.lora_B.weight";
    Map<String, float[]> kept = trainAdapter(0, loss, batches, Way.PLAIN);
    assertTrue(distance(kept.get(name), plain.get(name)) > 1e-3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dpo", "kto"})
  void everyCombinationGivesTheSameLossAndLogProbs(String loss) {
    // The second step's, since the first sees policy and reference agree.
    List<List<TokenizedExample>> batches = batches(2);
    Map<String, Double> plain = train(loss, batches, Way.PLAIN).metrics().get(1);
    assertTrue(plain.containsKey("logps/chosen") && plain.containsKey("grad_norm"));
    for (Way way : Way.all()) {
      Map<String, Double> other = train(loss, batches, way).metrics().get(1);
      plain.forEach(
          (name, value) ->
              assertEquals(
                  value,
                  other.get(name),
                  1e-5 * Math.max(1, Math.abs(value)),
                  () -> loss + " " + way + ": " + name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dpo"})
  void fiftyStepsStayTogetherAndDriftToNoSide(String loss) {
    List<List<TokenizedExample>> batches = batches(50);
    List<Map<String, Double>> plain = train(loss, batches, Way.PLAIN).metrics();
    for (Way way : Way.each()) {
      List<Map<String, Double>> other = train(loss, batches, way).metrics();
      int above = 0;
      int below = 0;
      for (int i = 0; i < batches.size(); i++) {
        double difference = other.get(i).get("loss") - plain.get(i).get("loss");
        assertEquals(0, difference, 1e-5, loss + " " + way + ": step " + i);
        above += difference > 0 ? 1 : 0;
        below += difference < 0 ? 1 : 0;
      }
      // Rounding falls to either side. Neighbouring steps are not independent, so the bound is
      // wide;
      // ways that round alike differ in no step, or in too few to tell.
      if (above + below >= 20) {
        assertTrue(Math.min(above, below) >= 5, loss + " " + way + ": " + above + ", " + below);
      }
    }
  }

  /** What a run left: every step's metrics and the last weights. */
  private record Run(List<Map<String, Double>> metrics, Map<String, float[]> weights) {}

  private Run train(String loss, List<List<TokenizedExample>> batches, Way way) {
    try (DecoderLm policy = load().trainAll()) {
      return train(policy, loss, batches, way);
    }
  }

  private Map<String, float[]> trainAdapter(
      double dropout, String loss, List<List<TokenizedExample>> batches, Way way) {
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
      return train(policy, loss, batches, way).weights();
    }
  }

  private Run train(DecoderLm policy, String loss, List<List<TokenizedExample>> batches, Way way) {
    ComputeOptions compute = way.options();
    try (ReferenceScores reference = reference(way, compute);
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
              new Trainer.Options(way.passes(), 1, compute, SEED));
      List<Map<String, Double>> metrics = new ArrayList<>();
      batches.forEach(batch -> metrics.add(trainer.step(batch, 1e-3)));
      Map<String, float[]> weights = new HashMap<>();
      policy.parameters().forEach(one -> weights.put(one.name(), one.master().toFloatArray()));
      return new Run(metrics, weights);
    }
  }

  private ReferenceScores reference(Way way, ComputeOptions compute) {
    return way.cached()
        ? new CachedReference(
            ScoreFile.open(folder, "test"), () -> ReferenceScores.frozen(load(), compute))
        : ReferenceScores.frozen(load(), compute);
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

  private List<List<TokenizedExample>> batches(int steps) {
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(folder.resolve("model"), new Truncation(64, 32));
    DataConfig data = DataConfig.of(DataSpec.parse("pairs:" + folder.resolve("pairs.jsonl")));
    List<List<TokenizedExample>> batches = new ArrayList<>();
    try (ExampleStream stream = ExampleStream.open(data, tokenizer, DataPosition.start())) {
      for (int i = 0; i < steps; i++) {
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
