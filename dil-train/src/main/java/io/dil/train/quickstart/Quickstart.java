package io.dil.train.quickstart;

import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the quickstart trains: a model and preference pairs, in the jar of the command line. */
public final class Quickstart {
  /** The files, made by {@code examples/MakeQuickstart}. */
  public static final List<String> FILES =
      List.of(
          "model/config.json",
          "model/generation_config.json",
          "model/model.safetensors",
          "model/tokenizer.json",
          "model/tokenizer_config.json",
          "pairs.jsonl");

  private Quickstart() {}

  /** Copies the model and the pairs into {@code folder}. */
  public static void unpack(Path folder) throws IOException {
    for (String name : FILES) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      try (InputStream in = Quickstart.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException(
              name + " is not on the class path: add io.dil:dil-train with the classifier cli");
        }
        AtomicFile.write(file, in.readAllBytes());
      }
    }
  }

  /** Returns the settings of the run: DIL with the LSIF objective, a minute on two cores. */
  public static Map<String, Object> settings(Path folder) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model_name_or_path", folder.resolve("input/model").toString());
    settings.put("dataset_name", "pairs:" + folder.resolve("input/pairs.jsonl"));
    settings.put("output_dir", folder.resolve("aligned").toString());
    settings.put("loss_type", "dil-lsif");
    settings.put("learning_rate", 3e-4);
    settings.put("per_device_train_batch_size", 16);
    settings.put("num_train_epochs", 3);
    settings.put("max_length", 64);
    settings.put("eval_holdout", 0.1);
    settings.put("eval_steps", 20);
    settings.put("logging_steps", 20);
    settings.put("report_generations", 6);
    settings.put("report_max_new_tokens", 24);
    settings.put("overwrite_output_dir", true);
    return settings;
  }
}
