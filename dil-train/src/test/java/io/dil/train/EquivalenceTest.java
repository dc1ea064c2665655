package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.Recompute;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a step is cut up or computed, it is the same step: trajectories stay together. */
class EquivalenceTest {
  private static final int BATCH = 8;
  private static final int STEPS = 4;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dpo", "simpo", "sft", "kto", "aot"})
  void everyWayGivesTheSameSteps(String loss) throws IOException {
    Quickstart.unpack(folder);
    List<List<TokenizedExample>> batches = batches();
    ComputeOptions plain =
        ComputeOptions.DEFAULT.withSharePrompts(false).withRecompute(Recompute.NEVER);
    Map<String, float[]> whole = train(loss, batches, BATCH, plain);
    close(whole, train(loss, batches, 4, plain), loss + " 4x2");
    close(whole, train(loss, batches, 1, plain), loss + " 1x8");
    close(whole, train(loss, batches, BATCH, plain.withSharePrompts(true)), loss + " shared");
    close(
        whole,
        train(loss, batches, BATCH, plain.withRecompute(Recompute.ALWAYS)),
        loss + " recomputed");
    close(whole, train(loss, batches, BATCH, plain.withHeadBytes(4 * 77 * 3)), loss + " chunked");
    close(
        whole,
        train(
            loss,
            batches,
            2,
            ComputeOptions.DEFAULT.withRecompute(Recompute.ALWAYS).withHeadBytes(1)),
        loss + " all at once");
  }

  private Map<String, float[]> train(
      String loss, List<List<TokenizedExample>> batches, int microBatch, ComputeOptions compute) {
    try (DecoderLm policy = load().trainAll();
        ReferenceScores reference = ReferenceScores.frozen(load(), compute);
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
              new Trainer.Options(microBatch, 1, compute));
      batches.forEach(batch -> trainer.step(batch, 1e-3));
      Map<String, float[]> weights = new HashMap<>();
      policy.weights().forEach((name, array) -> weights.put(name, array.toFloatArray()));
      return weights;
    }
  }

  private static void close(Map<String, float[]> a, Map<String, float[]> b, String what) {
    a.forEach(
        (name, expected) -> {
          float[] got = b.get(name);
          double difference = 0;
          double norm = 0;
          for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(expected[i] - got[i], 2);
            norm += Math.pow(expected[i], 2);
          }
          assertEquals(0, Math.sqrt(difference / norm), 1e-6, what + ": " + name);
        });
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
