package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Settings of short runs on the model and pairs that the jar carries. */
final class QuickRun {
  private QuickRun() {}

  /** Returns settings of a few steps; the model and pairs are put into {@code folder}. */
  static Map<String, Object> settings(Path folder, String output) throws IOException {
    Path input = folder.resolve("input");
    if (!Files.exists(input)) {
      Quickstart.unpack(input);
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model_name_or_path", input.resolve("model").toString());
    settings.put("dataset_name", "pairs:" + input.resolve("pairs.jsonl"));
    settings.put("output_dir", folder.resolve(output).toString());
    settings.put("learning_rate", 1e-3);
    settings.put("per_device_train_batch_size", 8);
    settings.put("max_steps", 12);
    settings.put("max_length", 64);
    settings.put("report_generations", 1);
    settings.put("report_max_new_tokens", 4);
    return settings;
  }

  /** Returns settings of a run that several ranks share, whose weights are compared closely. */
  static Map<String, Object> shared(Path folder, String output, String loss) throws IOException {
    Map<String, Object> settings = settings(folder, output);
    settings.put("loss_type", loss);
    settings.put("report_generations", 0);
    // An epsilon that is not lost beside the gradients' rounding keeps the steps smooth.
    settings.put("adam_epsilon", 1e-4);
    settings.put("weight_decay", 0.01);
    return settings;
  }

  /** Asserts that two runs of a folder have left the same bytes. */
  static void assertSame(Path folder, String one, String other, String... files)
      throws IOException {
    for (String file : files) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve(one).resolve(file)),
          Files.readAllBytes(folder.resolve(other).resolve(file)),
          file);
    }
  }

  /** Runs to the end. */
  static void run(Map<String, Object> settings) {
    new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();
  }

  /** Runs until {@code steps} more are taken and stops there, or to the end. */
  static TrainingRun.Outcome part(Map<String, Object> settings, int steps) {
    return part(settings, steps, run -> run);
  }

  /** As {@link #part(Map, int)}, of a run that is given more than settings. */
  static TrainingRun.Outcome part(
      Map<String, Object> settings, int steps, UnaryOperator<TrainingRun> prepared) {
    TrainingRun[] run = new TrainingRun[1];
    int[] taken = new int[1];
    TrainingListener stopping =
        new TrainingListener() {
          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            if (++taken[0] == steps) {
              run[0].stop();
            }
          }
        };
    run[0] = prepared.apply(new TrainingRun(TrainingConfig.of(settings), stopping));
    return run[0].run().outcome();
  }
}
