package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {
  private static final String CUDA =
      "The following operation failed in the TorchScript interpreter.\nRuntimeError: CUDA out of"
          + " memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB";

  @Test
  void whatRanOutIsSaidWithWhatToChange() {
    EngineException error = new EngineException(CUDA);
    assertTrue(DeviceMemory.ranOut(error));
    String text = DeviceMemory.explained(error, new PassSize(8, 16_384)).getMessage();
    assertTrue(text.contains("max_tokens_per_pass below its 16384"), text);
    assertFalse(text.contains("\n"), text);
  }

  @Test
  void otherErrorsStayWhatTheyAre() {
    assertFalse(DeviceMemory.ranOut(new EngineException("shape '[2]' is invalid")));
  }
}
