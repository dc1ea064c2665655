package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.train.Devices;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Short runs that must end alike: stopped and gone on with, and shared by several devices. */
final class RunChecks {
  private static final int STEPS = 8;

  private RunChecks() {}

  /** A run that is stopped and goes on, against one that is not. */
  static void resumed(String device, Path work, Checks checks) throws IOException {
    for (String way : new String[] {"full", "LoRA"}) {
      Map<String, Object> settings = settings(work);
      settings.put("device", device);
      if (way.equals("LoRA")) {
        settings.put("use_peft", true);
        settings.put("merge_adapter", true);
      }
      Path whole = run(work, way + "-whole", settings);
      Path parts = work.resolve(way + "-parts");
      settings.put("output_dir", parts.toString());
      Stop stop = new Stop();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      boolean stopped = stop.run.run().outcome() == TrainingRun.Outcome.STOPPED;
      boolean finished = new TrainingRun(TrainingConfig.of(settings)).run().finished();
      checks.holds(
          way + ": stopped after " + STEPS / 2 + " steps, and gone on with",
          stopped + ", " + finished,
          "true, true",
          stopped && finished);
      Path merged = Path.of(way.equals("LoRA") ? "merged" : "");
      // Sums by atomic additions have no order on a card; bf16 keeps what is left of it.
      compare(way, whole.resolve(merged), parts.resolve(merged), 1e-3, checks);
    }
  }

  /** A run in fp32 that several devices share, against one device's. */
  static void shared(String device, int gpus, Path work, Checks checks) throws IOException {
    boolean gpu = Devices.of(device).isGpu();
    if (gpu && gpus < 2) {
      checks.note("several cards", "there is one");
      return;
    }
    Map<String, Object> settings = settings(work);
    settings.put("bf16", false);
    // An epsilon beside which the gradients' rounding is lost.
    settings.put("adam_epsilon", 1e-4);
    settings.put("device", device);
    Path one = run(work, "one", settings);
    settings.remove("device");
    int several = gpu ? Math.min(gpus, 4) : 2;
    settings.put("devices", gpu ? String.valueOf(several) : "cpux" + several);
    for (int stage = 2; stage <= 3; stage++) {
      settings.put("zero_stage", stage);
      Path shared = run(work, "stage-" + stage, settings);
      compare(several + " devices, zero_stage=" + stage, one, shared, 1e-5, checks);
    }
  }

  private static Map<String, Object> settings(Path work) throws IOException {
    if (Files.notExists(work.resolve("input"))) {
      Quickstart.unpack(work.resolve("input"));
    }
    Map<String, Object> settings = new LinkedHashMap<>(Quickstart.settings(work));
    settings.keySet().removeAll(List.of("num_train_epochs", "eval_holdout", "eval_steps"));
    settings.put("max_steps", STEPS);
    settings.put("report_generations", 0);
    settings.put("overwrite_output_dir", false);
    return settings;
  }

  private static Path run(Path work, String output, Map<String, Object> settings) {
    Path folder = work.resolve(output);
    settings.put("output_dir", folder.toString());
    new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();
    return folder;
  }

  private static void compare(String way, Path whole, Path parts, double bound, Checks checks)
      throws IOException {
    boolean same =
        Arrays.equals(
            Files.readAllBytes(whole.resolve(ModelFolder.SINGLE_FILE)),
            Files.readAllBytes(parts.resolve(ModelFolder.SINGLE_FILE)));
    checks.note(way + ": the same bits", same ? "yes" : "no");
    double most = 0;
    try (DecoderLm a = DecoderLm.load(ModelFolder.open(whole), Device.cpu(), Precision.FLOAT32);
        DecoderLm b = DecoderLm.load(ModelFolder.open(parts), Device.cpu(), Precision.FLOAT32)) {
      for (Map.Entry<String, NDArray> entry : a.weights().entrySet()) {
        float[] first = a.kernels().floats(entry.getValue());
        NDArray other = b.weights().get(entry.getKey());
        float[] second = other == null ? new float[first.length] : b.kernels().floats(other);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < first.length; i++) {
          difference += Math.pow(first[i] - second[i], 2);
          norm += Math.pow(first[i], 2);
        }
        most = Math.max(most, Math.sqrt(difference / norm));
      }
    }
    checks.value(way + ": distance of the weights, relative", most, bound);
  }

  /** Stops a run half way. */
  private static final class Stop implements TrainingListener {
    private @Nullable TrainingRun run;

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      TrainingRun own = run;
      if (step == STEPS / 2 && own != null) {
        own.stop();
      }
    }
  }
}
