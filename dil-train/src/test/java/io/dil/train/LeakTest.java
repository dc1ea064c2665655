package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Dropout;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.model.lora.LoraConfig;
import io.dil.core.model.lora.LoraTargets;
import io.dil.core.model.traced.TracedLm;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every array has an owner that closes: a model holds no more of them after a pass than before. */
class LeakTest {
  @TempDir Path folder;

  private static final TokenGroup GROUP =
      new TokenGroup(Tokens.of(1, 3, 4, 5), List.of(Tokens.of(6, 7, 2), Tokens.of(8, 2)));

  @Test
  void passesAndSessionsLeaveNothingBehind() throws IOException {
    Quickstart.unpack(folder);
    try (DecoderLm model = load().trainAll()) {
      leavesNothing(model, ComputeOptions.DEFAULT);
    }
    try (TracedLm model =
        TracedLm.load(TracedFolder.unpack(folder.resolve("traced")), Device.cpu()).trainAll()) {
      leavesNothing(model, ComputeOptions.DEFAULT);
    }
    LoraConfig config = new LoraConfig(2, 4, List.of(LoraTargets.ALL), false, 0.1);
    try (DecoderLm base = load();
        LoraAdapter adapter = LoraAdapter.create(base, config, 1);
        DecoderLm model = base.with(adapter.changes()).trainAdapter(0.1)) {
      leavesNothing(model, ComputeOptions.DEFAULT.withDropout(new Dropout(1, 2, 0)));
    }
    try (DecoderLm base = loadReward();
        LoraAdapter adapter = LoraAdapter.create(base, config, 1);
        DecoderLm model = adapter.on(base).trainAdapter(0.1)) {
      leavesNothing(model, ComputeOptions.DEFAULT.withDropout(new Dropout(1, 2, 0)));
    }
  }

  private DecoderLm load() {
    return DecoderLm.load(
        ModelFolder.open(folder.resolve("model")), Device.cpu(), Precision.FLOAT32);
  }

  private DecoderLm loadReward() {
    return DecoderLm.loadReward(
        ModelFolder.open(folder.resolve("model")),
        new RewardStart(2, 1),
        Device.cpu(),
        Precision.FLOAT32,
        Sharding.NONE,
        false);
  }

  private static void leavesNothing(CausalLm model, ComputeOptions options) {
    // The first pass makes the position tables, which stay.
    model.score(List.of(GROUP), options);
    int before = model.manager().getManagedArrays().size();
    for (int i = 0; i < 3; i++) {
      model.score(List.of(GROUP), options);
      try (Pass pass = model.forward(List.of(GROUP), options)) {
        pass.backward(new double[] {1, -1});
      }
      if (model.writesText()) {
        new Generator(model, Set.of(2))
            .generate(List.of(GROUP.prompt()), GenerationOptions.sample(5, 1, i));
      }
      assertEquals(before, model.manager().getManagedArrays().size());
    }
  }
}
