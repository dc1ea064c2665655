package io.dil.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.dil.core.InputException;

/** Finds the device that a setting names. */
public final class Devices {
  private Devices() {}

  /**
   * Returns a device.
   *
   * @param name {@code auto} (a GPU where there is one), {@code cpu}, {@code cuda} or {@code
   *     cuda:N}
   */
  public static Device of(String name) {
    int gpus = Engine.getEngine("PyTorch").getGpuCount();
    if (name.equals("cpu") || (name.equals("auto") && gpus == 0)) {
      return Device.cpu();
    } else if (name.equals("auto")) {
      return Device.gpu(0);
    } else if (!name.matches("cuda(:\\d{1,3})?")) {
      throw new InputException("device must be auto, cpu, cuda or cuda:N, got '" + name + "'");
    }
    int index = name.equals("cuda") ? 0 : Integer.parseInt(name.substring("cuda:".length()));
    if (index >= gpus) {
      throw new InputException(
          "device must be one of " + gpus + " GPUs that the engine sees, got '" + name + "'");
    }
    return Device.gpu(index);
  }
}
