package io.dil.train;

import ai.djl.engine.EngineException;
import java.util.Locale;

/** Says what to do where a device's memory ran out in the middle of a step. */
final class DeviceMemory {
  private DeviceMemory() {}

  /** Returns whether torch found no memory on a device. */
  static boolean ranOut(EngineException error) {
    String text = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("out of memory") || text.contains("not enough memory");
  }

  static TrainingException explained(EngineException error, PassSize passes) {
    return new TrainingException(
        "memory of the device ran out in a step; no file was touched. Set max_tokens_per_pass below"
            + " its "
            + passes.tokens()
            + ", gradient_checkpointing=true, or see './dil plan'",
        error);
  }
}
