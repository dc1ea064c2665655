package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run that is stopped and goes on, against one that is not. */
final class ResumeChecks {
  private static final int STEPS = 8;

  private ResumeChecks() {}

  /** Trains twice on the model and pairs of the quickstart. */
  static void run(String device, Path work, Checks checks) throws IOException {
    if (Files.notExists(work.resolve("input"))) {
      Quickstart.unpack(work.resolve("input"));
    }
    for (String way : new String[] {"full", "LoRA"}) {
      Map<String, Object> settings = new LinkedHashMap<>(Quickstart.settings(work));
      settings.remove("num_train_epochs");
      settings.remove("eval_holdout");
      settings.remove("eval_steps");
      settings.put("device", device);
      settings.put("max_steps", STEPS);
      settings.put("report_generations", 0);
      settings.put("overwrite_output_dir", false);
      if (way.equals("LoRA")) {
        settings.put("use_peft", true);
        settings.put("merge_adapter", true);
      }
      Path whole = work.resolve(way + "-whole");
      settings.put("output_dir", whole.toString());
      new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();
      Path parts = work.resolve(way + "-parts");
      settings.put("output_dir", parts.toString());
      Stop stop = new Stop();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      boolean stopped = stop.run.run() == TrainingRun.Outcome.STOPPED;
      boolean finished =
          new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run()
              == TrainingRun.Outcome.FINISHED;
      checks.holds(
          way + ": stopped after " + STEPS / 2 + " steps, and gone on with",
          stopped + ", " + finished,
          "true, true",
          stopped && finished);
      Path merged = Path.of(way.equals("LoRA") ? "merged" : "");
      compare(way, whole.resolve(merged), parts.resolve(merged), checks);
    }
  }

  private static void compare(String way, Path whole, Path parts, Checks checks)
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
    // Sums by atomic additions have no order on a card; bf16 keeps what is left of it.
    checks.value(way + ": weights against the uninterrupted run's, relative", most, 1e-3);
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
