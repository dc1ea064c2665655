package io.dil.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.dil.core.InputException;
import io.dil.core.torch.TorchNatives;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.rank.Launch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the devices that settings name. */
public final class Devices {
  private static final Pattern REPLICAS = Pattern.compile("cpu[x×](\\d{1,2})");
  private static final int MOST_REPLICAS = 64;

  private Devices() {}

  /**
   * Returns a device.
   *
   * @param name {@code auto} (a GPU where there is one), {@code cpu}, {@code cuda} or {@code
   *     cuda:N}
   * @throws InputException if there is no such device, or {@code auto} would pass over a GPU
   */
  public static Device of(String name) {
    TorchNatives.prepare();
    return of(name, gpus(), TorchNatives.DRIVER);
  }

  /**
   * Returns the devices that share a run.
   *
   * @param devices how many GPUs, their names with commas between them, or {@code cpuxN} for N
   *     replicas on the processor; empty for {@code device} alone
   * @param device what one device is called, as in {@link #of(String)}
   * @throws InputException if one is not there, or stands twice
   */
  public static List<Device> of(String devices, String device) {
    TorchNatives.prepare();
    return of(devices, device, gpus(), TorchNatives.DRIVER);
  }

  /**
   * Returns the devices of all ranks of a run. Where a launcher started several processes each has
   * one: that which {@code device} names, or the card of its number on its machine.
   *
   * @throws InputException if this process has none, or its settings name several
   */
  static List<Device> of(TrainingConfig config, Launch launch) {
    String devices = config.get(DeviceSettings.DEVICES);
    String device = config.get(DeviceSettings.DEVICE);
    if (!launch.isShared()) {
      return of(devices, device);
    }
    TorchNatives.prepare();
    return Collections.nCopies(
        launch.size(), ofRank(devices, device, launch, gpus(), TorchNatives.DRIVER));
  }

  static Device ofRank(String devices, String device, Launch launch, int gpus, Path driver) {
    if (!devices.isBlank()) {
      throw new InputException(
          "devices would be ignored: "
              + launch.launcher()
              + " started "
              + launch.size()
              + " ranks, each of which takes one device");
    }
    boolean any = device.equals("auto") ? gpus > 0 : device.equals("cuda");
    // A launcher that shows each rank its own card alone calls that card 0.
    if (!any || gpus == 1) {
      return of(device, gpus, driver);
    }
    if (launch.localRank() >= gpus) {
      throw new InputException(
          "rank "
              + launch.rank()
              + " is number "
              + launch.localRank()
              + " on its machine, where the engine sees "
              + gpus
              + " GPUs; start no more ranks on a machine than it has cards");
    }
    return Device.gpu(launch.localRank());
  }

  private static int gpus() {
    return Engine.getEngine("PyTorch").getGpuCount();
  }

  static List<Device> of(String devices, String device, int gpus, Path driver) {
    String wanted = devices.trim();
    if (wanted.isEmpty()) {
      return List.of(of(device, gpus, driver));
    }
    Matcher replicas = REPLICAS.matcher(wanted);
    List<Device> found = new ArrayList<>();
    if (replicas.matches()) {
      int count = Integer.parseInt(replicas.group(1));
      if (count < 1 || count > MOST_REPLICAS) {
        throw new InputException(
            "devices must name 1 to " + MOST_REPLICAS + " replicas, got '" + devices + "'");
      }
      for (int i = 0; i < count; i++) {
        found.add(Device.cpu());
      }
    } else if (wanted.matches("\\d{1,2}")) {
      int count = Integer.parseInt(wanted);
      if (count == 1) {
        return List.of(of(device, gpus, driver));
      }
      if (gpus == 0) {
        throw new InputException(
            "devices must be cpux"
                + wanted
                + " for replicas on the processor, since the engine sees no GPU, got '"
                + devices
                + "'");
      }
      if (count < 1 || count > gpus) {
        throw new InputException(
            "devices must be 1 to "
                + gpus
                + ", the GPUs that the engine sees, or cpux"
                + wanted
                + " for replicas on the processor, got '"
                + devices
                + "'");
      }
      for (int i = 0; i < count; i++) {
        found.add(Device.gpu(i));
      }
    } else {
      for (String name : wanted.split(",", -1)) {
        found.add(of(name.trim(), gpus, driver));
      }
      if (new LinkedHashSet<>(found).size() < found.size()) {
        throw new InputException("devices must differ, got '" + devices + "'");
      }
    }
    return List.copyOf(found);
  }

  static Device of(String name, int gpus, Path driver) {
    if (name.equals("auto") && gpus == 0 && Files.exists(driver)) {
      throw new InputException(
          "device auto found an NVIDIA driver but no GPU that the engine can use; './dil doctor'"
              + " says what is missing, device=cpu trains on the processor");
    }
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
