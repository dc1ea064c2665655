package io.dil.train;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link LanguageModel} is loaded.
 *
 * @param device {@code auto} (a GPU where there is one), {@code cpu}, {@code cuda} or {@code
 *     cuda:N}
 * @param bf16 whether it computes in bfloat16; else in fp32
 * @param adapter the folder of a LoRA adapter on it; null for none beside what the model's own
 *     folder names
 * @param trusted whether a TorchScript module, which is its maker's program, may be run
 */
public record ModelOptions(String device, boolean bf16, @Nullable Path adapter, boolean trusted) {
  /** The device that is there, fp32, no adapter, no TorchScript. */
  public static final ModelOptions DEFAULT = new ModelOptions("auto", false, null, false);

  /** Checks that there is a device. */
  public ModelOptions {
    Objects.requireNonNull(device, "device");
  }

  /** Returns these options on another device. */
  public ModelOptions on(String name) {
    return new ModelOptions(name, bf16, adapter, trusted);
  }

  /** Returns these options with computing in bfloat16. */
  public ModelOptions inBfloat16() {
    return new ModelOptions(device, true, adapter, trusted);
  }

  /** Returns these options with an adapter. */
  public ModelOptions withAdapter(Path folder) {
    return new ModelOptions(device, bf16, Objects.requireNonNull(folder, "folder"), trusted);
  }

  /** Returns these options for a TorchScript module that may be run. */
  public ModelOptions trusting() {
    return new ModelOptions(device, bf16, adapter, true);
  }
}
