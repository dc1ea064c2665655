package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
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

  @Test
  void passesAndSessionsLeaveNothingBehind() throws IOException {
    Quickstart.unpack(folder);
    TokenGroup group =
        new TokenGroup(Tokens.of(1, 3, 4, 5), List.of(Tokens.of(6, 7, 2), Tokens.of(8, 2)));
    try (DecoderLm model =
        DecoderLm.load(ModelFolder.open(folder.resolve("model")), Device.cpu(), Precision.FLOAT32)
            .trainAll()) {
      // The first pass makes the position tables, which stay.
      model.score(List.of(group), ComputeOptions.DEFAULT);
      int before = model.manager().getManagedArrays().size();
      for (int i = 0; i < 3; i++) {
        model.score(List.of(group), ComputeOptions.DEFAULT);
        try (Pass pass = model.forward(List.of(group), ComputeOptions.DEFAULT)) {
          pass.backward(new double[] {1, -1});
        }
        new Generator(model, Set.of(2))
            .generate(List.of(group.prompt()), GenerationOptions.sample(5, 1, i));
        assertEquals(before, model.manager().getManagedArrays().size());
      }
    }
  }
}
