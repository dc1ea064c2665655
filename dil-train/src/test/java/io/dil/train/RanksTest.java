package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.model.MappedTensors;
import io.dil.core.torch.Kernels;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that several devices share is the run of one: here replicas on the processor. */
class RanksTest {
  /** Relative distance of a weight after a run, in fp32. */
  private static final double CLOSE = 1e-6;

  @TempDir Path folder;

  private Map<String, Object> settings(String output, String loss) throws IOException {
    return QuickRun.shared(folder, output, loss);
  }

  @ParameterizedTest
  @CsvSource({
    "dil-lsif, 4, 2, false",
    "dil-bce, 2, 2, false",
    "dpo, 3, 3, false",
    "simpo, 8, 2, false",
    "kto, 4, 2, false",
    "kto, 2, 3, false",
    "sft, 4, 3, false",
    "aot, 4, 2, false",
    "reward-bt, 4, 2, false",
    "reward-bt, 2, 3, false",
    "reward-bt, 3, 3, false",
    "reward-bt, 2, 2, true",
    "reward-bt, 3, 3, true",
    "dil-lsif, 4, 2, true",
    "kto, 4, 3, true"
  })
  void severalDevicesTakeTheStepsOfOne(String loss, int devices, int stage, boolean adapter)
      throws IOException {
    Map<String, Object> one = settings("one", loss);
    one.put("use_peft", adapter);
    QuickRun.run(one);
    Map<String, Object> several = settings("several", loss);
    several.put("use_peft", adapter);
    several.put("devices", "cpux" + devices);
    several.put("zero_stage", stage);
    QuickRun.run(several);
    sameMetrics("one", "several");
    // B of an adapter begins at 0, so that its norm is that of a few steps.
    close(
        "one",
        "several",
        adapter ? "adapter_model.safetensors" : ModelFolder.SINGLE_FILE,
        adapter ? 3e-6 : CLOSE);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void fiftyStepsStayTogether(boolean kto) throws IOException {
    for (String output : List.of("one", "several")) {
      Map<String, Object> settings = settings(output, kto ? "kto" : "dil-lsif");
      settings.put("max_steps", 50);
      if (output.equals("several")) {
        settings.put("devices", "cpux4");
      }
      QuickRun.run(settings);
    }
    sameMetrics("one", "several");
    close("one", "several", ModelFolder.SINGLE_FILE, CLOSE);
  }

  @Test
  void aRunGoesOnOnAnotherNumberOfDevices() throws IOException {
    QuickRun.run(settings("whole", "dil-lsif"));
    int parts = 0;
    TrainingRun.Outcome outcome;
    do {
      Map<String, Object> settings = settings("parts", "dil-lsif");
      String[] devices = {"cpux4", "1", "cpux2"};
      settings.put("devices", devices[parts % devices.length]);
      if (parts == 2) {
        settings.put("zero_stage", 3);
      }
      Stop stop = new Stop();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      outcome = stop.run.run().outcome();
      parts++;
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertEquals(3, parts);
    close("whole", "parts", ModelFolder.SINGLE_FILE, CLOSE);
  }

  @ParameterizedTest
  @CsvSource({"sgd, 2, 1e-6", "sgd, 3, 1e-6", "lion_32bit, 2, 1e-3"})
  void severalDevicesShareEveryOptimiserThatMovesNumbersByThemselves(
      String optimiser, int stage, double bound) throws IOException {
    for (String output : List.of("one", "several")) {
      Map<String, Object> settings = settings(output, "dil-lsif");
      settings.remove("adam_epsilon");
      settings.put("optim", optimiser);
      if (optimiser.equals("sgd")) {
        settings.put("optim_args", "momentum=0.9");
      }
      if (output.equals("several")) {
        settings.put("devices", "cpux4");
        settings.put("zero_stage", stage);
      }
      QuickRun.run(settings);
    }
    // A sum in another order may turn the sign that Lion steps by, where it is nearly 0.
    close("one", "several", ModelFolder.SINGLE_FILE, bound);
  }

  @Test
  void severalDevicesShareBfloat16WithMasters() throws IOException {
    for (String output : List.of("one", "two", "three")) {
      Map<String, Object> settings = settings(output, "dpo");
      settings.put("bf16", true);
      if (!output.equals("one")) {
        settings.put("devices", "cpux4");
        settings.put("zero_stage", output.equals("two") ? 2 : 3);
      }
      QuickRun.run(settings);
    }
    // What is brought together is the same memory; sums are the same sums.
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("two/model.safetensors")),
        Files.readAllBytes(folder.resolve("three/model.safetensors")));
    List<Map<String, Double>> one = MetricsFile.read(folder.resolve("one/metrics.jsonl"));
    List<Map<String, Double>> two = MetricsFile.read(folder.resolve("two/metrics.jsonl"));
    double last = one.get(11).get("loss");
    assertEquals(last, two.get(11).get("loss"), 0.02 * Math.abs(last));
  }

  @Test
  void momentsOfEightBitsAndGradientsOfSixteenTrainAsWell() throws IOException {
    QuickRun.run(settings("plain", "dil-lsif"));
    Map<String, Object> small = settings("small", "dil-lsif");
    small.put("optim", "adamw_8bit");
    small.put("gradient_dtype", "bfloat16");
    QuickRun.run(small);
    List<Map<String, Double>> plain = MetricsFile.read(folder.resolve("plain/metrics.jsonl"));
    List<Map<String, Double>> less = MetricsFile.read(folder.resolve("small/metrics.jsonl"));
    double gain = plain.get(0).get("loss") - plain.get(11).get("loss");
    assertTrue(gain > 0);
    assertEquals(plain.get(11).get("loss"), less.get(11).get("loss"), 0.1 * gain);
  }

  @Test
  void momentsOfEightBitsGoOnBitForBit() throws IOException {
    Map<String, Object> whole = settings("whole", "dpo");
    whole.put("optim", "adamw_8bit");
    QuickRun.run(whole);
    TrainingRun.Outcome outcome;
    do {
      Map<String, Object> settings = settings("parts", "dpo");
      settings.put("optim", "adamw_8bit");
      Stop stop = new Stop();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      outcome = stop.run.run().outcome();
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(folder.resolve("parts/model.safetensors")));
  }

  @Test
  void whatCannotBeSharedIsSaid() throws IOException {
    Map<String, Object> settings = settings("out", "dpo");
    settings.put("devices", "cpux9");
    refused(settings, "devices must be at most the 8 examples of a step");
    settings.put("devices", "cpux2");
    settings.put("zero_stage", 4);
    refused(settings, "zero_stage must be 2 or 3");
    settings.put("zero_stage", 3);
    settings.put("devices", "1");
    refused(settings, "zero_stage would be ignored");
    settings.remove("zero_stage");
    settings.put("devices", "2");
    settings.put("device", "cpu");
    refused(settings, "device would be ignored");
    settings.remove("device");
    settings.put("devices", "cpux2");
    settings.put("offload_optimizer", true);
    refused(settings, "offload_optimizer would be ignored");
    settings.remove("offload_optimizer");
    settings.put("optim", "adafactor");
    settings.remove("adam_epsilon");
    refused(settings, "optim must be one that several devices can hold in parts, got adafactor");
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  @Test
  void oneThatFailsEndsTheRunWithItsOwnError() throws IOException {
    Map<String, Object> settings = settings("out", "dil-lsif");
    settings.put("devices", "cpux4");
    settings.put("learning_rate", 1e6);
    TrainingException error = assertThrows(TrainingException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("not finite"), error::getMessage);
  }

  private static void refused(Map<String, Object> settings, String part) {
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }

  private void sameMetrics(String a, String b) throws IOException {
    sameMetrics(folder.resolve(a), folder.resolve(b));
  }

  static void sameMetrics(Path a, Path b) throws IOException {
    List<Map<String, Double>> first = MetricsFile.read(a.resolve("metrics.jsonl"));
    List<Map<String, Double>> second = MetricsFile.read(b.resolve("metrics.jsonl"));
    assertEquals(first.size(), second.size());
    for (int i = 0; i < first.size(); i++) {
      Map<String, Double> row = first.get(i);
      Map<String, Double> other = second.get(i);
      String where = "step " + i + ": ";
      row.forEach(
          (name, value) ->
              assertEquals(
                  value,
                  other.getOrDefault(name, Double.NaN),
                  // A response's sum is in nats; its fp32 terms differ by 1e-5 between cuts.
                  name.startsWith("logps") ? 1e-3 : 1e-4 * Math.max(1, Math.abs(value)),
                  where + name));
    }
  }

  private void close(String a, String b, String file, double bound) {
    close(folder.resolve(a), folder.resolve(b), file, bound);
  }

  static void close(Path a, Path b, String file, double bound) {
    Map<String, float[]> first = weights(a, file);
    Map<String, float[]> second = weights(b, file);
    assertEquals(first.keySet(), second.keySet());
    first.forEach(
        (name, values) -> {
          double difference = 0;
          double norm = 0;
          float[] other = second.get(name);
          for (int i = 0; i < values.length; i++) {
            difference += Math.pow(values[i] - other[i], 2);
            norm += Math.pow(values[i], 2);
          }
          assertEquals(0, Math.sqrt(difference / norm), bound, name);
        });
  }

  static Map<String, float[]> weights(Path run, String file) {
    Map<String, float[]> weights = new HashMap<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager)) {
      MappedTensors tensors = new MappedTensors(manager, kernels);
      Path path = run.resolve(file);
      SafetensorsHeader.read(path)
          .entries()
          .forEach((name, entry) -> weights.put(name, values(tensors, path, entry)));
    }
    return weights;
  }

  private static float[] values(MappedTensors tensors, Path path, TensorEntry entry) {
    try (NDArray array = tensors.read(path, entry, entry.shape(), "a test", StorageType.F32)) {
      return array.toFloatArray();
    }
  }

  /** Stops a run after five steps. */
  private static final class Stop implements TrainingListener {
    private TrainingRun run;
    private int steps;

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      if (++steps == 5) {
        run.stop();
      }
    }
  }
}
