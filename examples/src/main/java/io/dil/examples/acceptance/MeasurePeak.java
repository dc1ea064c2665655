package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.ModelSpec;
import io.dil.core.torch.FreeMemory;
import io.dil.losses.Losses;
import io.dil.train.Devices;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.plan.RunPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the memory that a run takes on its cards, beside what {@code dil plan} says, as one line
 * of JSON: what the driver counts as used after two steps, less what was used before. Torch's
 * allocator gives nothing back, so that is its peak.
 *
 * <p>Arguments: {@code shape=CONFIG.json}, {@code work=FOLDER}, then settings as {@code key=value}.
 * {@code devices} is a number. A step is, for each card, seven pairs of 512 + 768 + 768 tokens: 14
 * 336, three quarters of which are scored. Ends the process after the second step, since what
 * follows writes gigabytes.
 */
public final class MeasurePeak {
  private static final int PAIRS = 7;
  private static final int PROMPT = 512;
  private static final int RESPONSE = 768;
  private static final int STEPS = 2;

  private MeasurePeak() {}

  /** Runs and prints. */
  @SuppressWarnings("unchecked") // An object in JSON is a map.
  public static void main(String[] args) throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (String word : args) {
      String[] pair = word.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    Path shape = Path.of(String.valueOf(settings.remove("shape")));
    Path work = Path.of(String.valueOf(settings.remove("work")));
    Path model = work.resolve("model");
    if (Files.notExists(model)) {
      Map<String, Object> config =
          new ObjectMapper().readValue(Files.readAllBytes(shape), LinkedHashMap.class);
      RandomCheckpoint.write(model, config, StorageType.BF16);
      RandomCheckpoint.pairs(work.resolve("pairs.jsonl"), model, PAIRS * 8, PROMPT, RESPONSE);
    }
    measure(model, work, settings, System.out::println);
    Runtime.getRuntime().halt(0);
  }

  /** Where the result goes. */
  @FunctionalInterface
  interface Out {
    void line(String json);
  }

  /** Trains two steps and hands on what was measured. */
  static void measure(Path model, Path work, Map<String, Object> words, Out out) {
    // A pass for each card.
    int ranks = Integer.parseInt(String.valueOf(words.getOrDefault("devices", 1)));
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model_name_or_path", model.toString());
    settings.put("dataset_name", "pairs:" + work.resolve("pairs.jsonl"));
    settings.put("output_dir", work.resolve("run").toString());
    settings.put("per_device_train_batch_size", PAIRS);
    settings.put("gradient_accumulation_steps", ranks);
    settings.put("max_length", PROMPT + RESPONSE);
    settings.put("max_tokens_per_pass", PAIRS * (PROMPT + 2 * RESPONSE));
    settings.put("share_prompts", true);
    settings.put("max_steps", STEPS);
    settings.put("report_generations", 0);
    settings.put("overwrite_output_dir", true);
    settings.putAll(words);
    TrainingConfig config = TrainingConfig.of(settings);
    List<Device> devices =
        Devices.of(config.get(DeviceSettings.DEVICES), config.get(DeviceSettings.DEVICE));
    ModelSpec spec = RandomCheckpoint.spec(model);
    RunPlan plan =
        RunPlan.of(
            config.on(devices.get(0).isGpu()),
            spec,
            devices,
            Losses.describe(config.get(Settings.LOSS_TYPE)).needsReference());
    List<Long> before = used(devices, true);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            if (step == STEPS) {
              List<Long> after = used(devices, false);
              long most = 0;
              for (int i = 0; i < devices.size(); i++) {
                most = Math.max(most, after.get(i) - before.get(i));
              }
              out.line(
                  "{\"weights\":"
                      + spec.weightsInAll()
                      + ",\"plan_bytes\":"
                      + plan.memory().total()
                      + ",\"recompute\":"
                      + plan.memory().recompute()
                      + ",\"measured_bytes\":"
                      + most
                      + "}");
            }
          }
        };
    new TrainingRun(config, listener).run();
  }

  private static List<Long> used(List<Device> devices, boolean begin) {
    List<Long> used = new ArrayList<>();
    for (Device device : devices) {
      if (begin) {
        // The driver's own memory comes with the first array.
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
          manager.zeros(new Shape(1));
        }
      }
      used.add(
          device.isGpu() ? FreeMemory.total(device) - FreeMemory.bytes(device) : Long.valueOf(0));
    }
    return used;
  }
}
