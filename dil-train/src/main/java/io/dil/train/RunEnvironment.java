package io.dil.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.dil.core.torch.TorchThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What decides on the last bits of a result beside settings and inputs: sums are taken in another
 * order by another number of threads, another device or another build of torch.
 */
final class RunEnvironment {
  private RunEnvironment() {}

  /** Returns what this process computes with, by name; sorted. */
  static Map<String, String> of(List<Device> devices) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("device", devices.get(0).getDeviceType());
    environment.put("devices", String.valueOf(devices.size()));
    environment.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    environment.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    environment.put("threads", String.valueOf(TorchThreads.count()));
    return environment;
  }

  /** Returns what differs, each as {@code name was a and is b}; empty where nothing does. */
  static List<String> changes(Map<String, String> then, Map<String, String> now) {
    List<String> changes = new ArrayList<>();
    now.forEach(
        (name, value) -> {
          String before = then.getOrDefault(name, "unknown");
          if (!before.equals(value)) {
            changes.add(name + " was " + before + " and is " + value);
          }
        });
    return changes;
  }
}
