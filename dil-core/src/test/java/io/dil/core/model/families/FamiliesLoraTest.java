package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Dropout;
import io.dil.core.model.LowRank;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.model.lora.LoraConfig;
import io.dil.core.model.lora.LoraTargets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every linear of every family, fused or not, takes a low-rank change. */
class FamiliesLoraTest {
  static Stream<TinyCheckpoint> checkpoints() throws Exception {
    return TinyCheckpoint.all().stream();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void anAdapterComputesWhatTheMergedModelComputes(TinyCheckpoint checkpoint, @TempDir Path out)
      throws IOException {
    LoraConfig config = new LoraConfig(2, 2, List.of(LoraTargets.ALL), false, 0);
    try (DecoderLm base = checkpoint.load(Precision.FLOAT32);
        LoraAdapter adapter = LoraAdapter.create(base, config, 1)) {
      double[] alone = score(checkpoint, base);
      try (DecoderLm fresh = base.with(adapter.changes())) {
        assertArrayEquals(alone, score(checkpoint, fresh));
      }
      SplittableRandom random = new SplittableRandom(2);
      adapter.changes().values().forEach(change -> fill(base, change, random));
      try (DecoderLm adapted = base.with(adapter.changes())) {
        double[] scores = score(checkpoint, adapted);
        ModelWriter.write(out, adapted, checkpoint.folder());
        try (DecoderLm merged =
            DecoderLm.load(ModelFolder.open(out), Device.cpu(), Precision.FLOAT32)) {
          assertArrayEquals(score(checkpoint, merged), scores, 1e-4);
        }
        double moved = 0;
        for (int i = 0; i < alone.length; i++) {
          moved += Math.abs(alone[i] - scores[i]);
        }
        assertTrue(moved > 0.1, "the adapter moved all scores together by " + moved);
      }
      assertArrayEquals(alone, score(checkpoint, base));
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void dropoutIsTheSameWhereverAPromptStands(TinyCheckpoint checkpoint) {
    LoraConfig config = new LoraConfig(2, 2, List.of(LoraTargets.ALL), false, 0);
    ComputeOptions shared = ComputeOptions.DEFAULT.withDropout(new Dropout(1, 2, 3));
    try (DecoderLm base = checkpoint.load(Precision.FLOAT32);
        LoraAdapter adapter = LoraAdapter.create(base, config, 1)) {
      SplittableRandom random = new SplittableRandom(2);
      adapter.changes().values().forEach(change -> fill(base, change, random));
      try (DecoderLm adapted = base.with(adapter.changes()).trainAdapter(0.2)) {
        double[] dropped = adapted.score(checkpoint.groups(), shared);
        double[] apart =
            adapted.score(checkpoint.groups(), shared.withSharing(PromptSharing.NEVER));
        assertArrayEquals(dropped, apart, 1e-4);
        double moved = 0;
        double[] kept = score(checkpoint, adapted);
        for (int i = 0; i < kept.length; i++) {
          moved += Math.abs(kept[i] - dropped[i]);
        }
        assertTrue(moved > 0.05, "dropout moved all scores together by " + moved);
      }
    }
  }

  private static double[] score(TinyCheckpoint checkpoint, DecoderLm model) {
    return model.score(checkpoint.groups(), ComputeOptions.DEFAULT);
  }

  private static void fill(DecoderLm model, LowRank change, SplittableRandom random) {
    float[] draws = new float[Math.toIntExact(change.b().size())];
    for (int i = 0; i < draws.length; i++) {
      draws[i] = (float) (0.1 * random.nextGaussian());
    }
    try (NDManager scope = model.manager().newSubManager()) {
      NDArray source = scope.create(draws, change.b().getShape());
      model.kernels().copy(change.b(), source);
    }
  }
}
