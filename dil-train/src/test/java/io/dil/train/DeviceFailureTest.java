package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.engine.EngineException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceFailureTest {
  private static final String PROGRAM =
      "The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript,"
          + " serialized code (most recent call last):\n  File \"code/__torch__.py\", line 3, in"
          + " layer\nRuntimeError: ";

  private static String said(String text) {
    return DeviceFailure.of(
            "cuda:1 (rank 1 of 4)",
            new EngineException(PROGRAM + text),
            List.of("max_tokens_per_pass=8192", "gradient_checkpointing=true"))
        .getMessage();
  }

  @Test
  void whatRanOutIsSaidWithWhatToChange() {
    assertEquals(
        "memory of cuda:1 (rank 1 of 4) ran out; set one of max_tokens_per_pass=8192,"
            + " gradient_checkpointing=true and give the same command again ('./dil plan' shows"
            + " what needs how much): CUDA out of memory",
        said(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15"
                + " GiB of which 1.12 GiB is free."));
  }

  @Test
  void anotherFailureIsSaidWithItsReason() {
    String text = said("CUDA error: uncorrectable ECC error encountered\nCUDA kernel errors might");
    assertEquals(
        "cuda:1 (rank 1 of 4) failed: CUDA error: uncorrectable ECC error encountered", text);
    assertFalse(text.contains("\n"), text);
  }
}
