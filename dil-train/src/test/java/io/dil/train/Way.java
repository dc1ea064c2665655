package io.dil.train;

import io.dil.core.model.ComputeOptions;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to compute a step. None changes what is computed.
 *
 * @param share prompts are computed once for both responses
 * @param recompute activations are computed again
 * @param chunked logits are computed in tiles of a row and at most 64 columns, not all at once
 * @param cached reference scores are read from a file
 * @param passes how much is computed at once
 */
record Way(boolean share, boolean recompute, boolean chunked, boolean cached, PassSize passes) {
  /** Nothing shared, computed again, cut or read from a file. */
  static final Way PLAIN = new Way(false, false, false, false, PassSize.of(EquivalenceTest.BATCH));

  private static final List<PassSize> PASSES =
      List.of(
          PassSize.of(EquivalenceTest.BATCH),
          PassSize.of(1),
          new PassSize(EquivalenceTest.BATCH, 70));

  /** Returns every combination. */
  static List<Way> all() {
    List<Way> all = new ArrayList<>();
    for (PassSize passes : PASSES) {
      for (int bits = 0; bits < 16; bits++) {
        all.add(new Way((bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0, (bits & 8) > 0, passes));
      }
    }
    return all;
  }

  /** Returns the plain way with one thing changed, each in turn, and everything changed. */
  static List<Way> each() {
    return List.of(
        new Way(true, false, false, false, PLAIN.passes()),
        new Way(false, true, false, false, PLAIN.passes()),
        new Way(false, false, true, false, PLAIN.passes()),
        new Way(false, false, false, true, PLAIN.passes()),
        new Way(false, false, false, false, PassSize.of(4)),
        new Way(false, false, false, false, PassSize.of(1)),
        new Way(false, false, false, false, new PassSize(EquivalenceTest.BATCH, 70)),
        new Way(true, true, true, true, new PassSize(2, 40)));
  }

  ComputeOptions options() {
    return ComputeOptions.DEFAULT
        .withSharing(share ? PromptSharing.ALWAYS : PromptSharing.NEVER)
        .withRecompute(recompute ? Recompute.ALWAYS : Recompute.NEVER)
        .withHeadBytes(chunked ? 1 : Long.MAX_VALUE);
  }
}
