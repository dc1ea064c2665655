package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that keep their best model, stop early, or do what a listener asks. */
class BestRunTest {
  @TempDir Path folder;

  /** Returns settings under which the held-out loss soon gets worse. */
  private Map<String, Object> settings(String output, boolean adapter) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    // Few examples over and over: soon they are learnt by heart.
    settings.put("loss_type", "sft");
    settings.put("eval_dataset_name", settings.get("dataset_name"));
    settings.put("max_eval_samples", 40);
    settings.put("skip_train_samples", 100);
    settings.put("max_train_samples", 16);
    settings.put("eval_steps", 2);
    settings.put("save_strategy", "best");
    settings.put("load_best_model_at_end", true);
    settings.put("early_stopping_patience", 2);
    settings.put("max_steps", 40);
    settings.put("learning_rate", adapter ? 2e-2 : 3e-3);
    settings.put("lr_scheduler_type", "constant");
    settings.put("warmup_ratio", 0);
    if (adapter) {
      settings.put("use_peft", true);
      settings.put("merge_adapter", true);
      settings.put("lora_r", 4);
      settings.put("loraplus_lr_ratio", 2);
    }
    return settings;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theOutputIsTheBestModelHoweverOftenTheRunWasStopped(boolean adapter) throws IOException {
    Map<String, Object> settings = settings("whole", adapter);
    QuickRun.run(settings);
    Path whole = folder.resolve("whole");
    JsonNode manifest = new ObjectMapper().readTree(whole.resolve("manifest.json").toFile());
    long best = manifest.path("best_step").asLong();
    long last = manifest.path("steps").asLong();
    assertTrue(best > 0 && best < last && last < 40, manifest::toPrettyString);
    assertEquals(best, manifest.path("written_step").asLong());
    assertEquals(best + 4, last);
    String weights = adapter ? "adapter_model.safetensors" : "model.safetensors";
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("checkpoint-" + best).resolve(weights)),
        Files.readAllBytes(whole.resolve(weights)));
    assertEquals(List.of("checkpoint-" + best), checkpoints(whole));
    assertEquals(smallestLoss(whole), manifest.path("best_value").asDouble());
    String card = Files.readString(whole.resolve("README.md"));
    assertTrue(card.contains("the model of step " + best + "; best was step " + best), card);
    assertTrue(card.contains("stopped because eval_loss was no better in 2 evaluations"), card);
    assertTrue(
        Files.readString(whole.resolve("report.html")).contains("that of step " + best), "report");

    // Stopped after every third step, so also between an evaluation and what follows from it.
    settings.put("output_dir", folder.resolve("parts").toString());
    int parts = 1;
    while (QuickRun.part(settings, 3) == TrainingRun.Outcome.STOPPED) {
      parts++;
    }
    assertTrue(parts >= 2);
    Path again = folder.resolve("parts");
    List<String> files = new ArrayList<>(List.of(weights, "metrics.jsonl", "README.md"));
    if (adapter) {
      files.add("merged/model.safetensors");
    }
    for (String file : files) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(again.resolve(file)), file);
    }
    assertEquals(checkpoints(whole), checkpoints(again));
  }

  @Test
  void theBestCheckpointIsNeverDeletedAndAStopDoesNotChangeWhichItIs() throws IOException {
    Map<String, Object> settings = settings("whole", false);
    settings.remove("early_stopping_patience");
    settings.put("save_strategy", "steps");
    settings.put("save_steps", 4);
    settings.put("max_steps", 16);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("parts").toString());
    while (QuickRun.part(settings, 2) == TrainingRun.Outcome.STOPPED) {
      assertTrue(checkpoints(folder.resolve("parts")).size() <= 2);
    }
    JsonNode whole = manifest("whole");
    JsonNode parts = manifest("parts");
    assertEquals(whole.path("written_step"), parts.path("written_step"));
    assertEquals(whole.path("best_step"), parts.path("best_step"));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(folder.resolve("parts/model.safetensors")));
  }

  @Test
  void epochsAreEvaluatedAndSavedAtTheirEnds() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "out");
    settings.put("eval_holdout", 0.2);
    settings.put("eval_strategy", "epoch");
    settings.put("save_strategy", "epoch");
    settings.put("save_total_limit", 9);
    settings.put("max_train_samples", 40);
    settings.put("eval_on_start", false);
    settings.remove("max_steps");
    settings.put("num_train_epochs", 2.5);
    QuickRun.run(settings);
    long perEpoch = Math.round(manifest("out").path("steps").asLong() / 2.5);
    List<Double> evaluated =
        MetricsFile.read(folder.resolve("out/metrics.jsonl")).stream()
            .filter(row -> row.containsKey("eval_loss"))
            .map(row -> row.get("step"))
            .toList();
    double end = manifest("out").path("steps").asLong();
    assertEquals(List.of((double) perEpoch, 2.0 * perEpoch, end), evaluated);
    assertEquals(
        Stream.of("checkpoint-" + perEpoch, "checkpoint-" + 2 * perEpoch).sorted().toList(),
        checkpoints(folder.resolve("out")));
  }

  @Test
  void aModelOnlyCheckpointIsNotGoneOnFrom() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "out");
    settings.put("save_steps", 2);
    settings.put("save_only_model", true);
    class Lost extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }
    TrainingListener dying =
        new TrainingListener() {
          @Override
          public void saved(Path checkpoint) {
            throw new Lost();
          }
        };
    TrainingRun run = new TrainingRun(TrainingConfig.of(settings), dying);
    assertThrows(Lost.class, run::run);
    Path checkpoint = folder.resolve("out/checkpoint-2");
    assertTrue(Files.exists(checkpoint.resolve("model.safetensors")));
    assertTrue(Files.notExists(checkpoint.resolve("optimizer.safetensors")));
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("save_only_model"), error::getMessage);
    settings.put("overwrite_output_dir", true);
    QuickRun.run(settings);
    assertEquals(12, manifest("out").path("steps").asLong());
  }

  @Test
  void aListenerEndsSavesEvaluatesAndChangesTheRate() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "out");
    settings.put("eval_holdout", 0.2);
    settings.put("lr_scheduler_type", "constant");
    settings.put("warmup_ratio", 0);
    settings.put("save_total_limit", 9);
    Asking asking = new Asking();
    new TrainingRun(TrainingConfig.of(settings), asking).run();
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("out/metrics.jsonl"));
    assertEquals(
        List.of(1e-3, 1e-3, 5e-4, 5e-4, 1e-3),
        rows.stream().filter(r -> r.containsKey("loss")).map(r -> r.get("learning_rate")).toList());
    assertEquals(
        List.of(0.0, 3.0, 5.0),
        rows.stream().filter(r -> r.containsKey("eval_loss")).map(r -> r.get("step")).toList());
    assertEquals(List.of("checkpoint-4"), checkpoints(folder.resolve("out")));
    assertEquals(5, manifest("out").path("steps").asLong());
    assertEquals("enough", manifest("out").path("stopped_because").asText());
  }

  @Test
  void aCheckpointKnowsTheRateThatAListenerSet() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    new TrainingRun(TrainingConfig.of(settings), new Asking()).run();
    settings.put("output_dir", folder.resolve("parts").toString());
    for (int part = 0; part < 2; part++) {
      Asking asking = new Asking();
      asking.stopAt = part == 0 ? 3 : -1;
      new TrainingRun(TrainingConfig.of(settings), asking).run();
    }
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(folder.resolve("parts/model.safetensors")));
  }

  @Test
  void whatARunCannotEndWithIsSaidAtOnce() throws IOException {
    Map<String, Object> settings = settings("out", false);
    settings.put("metric_for_best_model", "rewards/nothing");
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("eval_rewards/nothing"), error::getMessage);
    settings.put("save_strategy", "steps");
    settings.put("save_steps", 3);
    settings.remove("eval_dataset_name");
    settings.remove("max_eval_samples");
    error = assertThrows(InputException.class, () -> TrainingConfig.of(settings));
    assertEquals(4, error.problems().size(), error::getMessage);
  }

  /** Asks for one thing after another. */
  private static final class Asking implements TrainingListener {
    private RunControl run;
    private long stopAt = -1;

    @Override
    public void started(RunControl control, long step, long totalSteps) {
      run = control;
    }

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      if (step == stopAt) {
        run.stop();
      }
      switch ((int) step) {
        case 2 -> run.scaleRate(0.5);
        case 3 -> run.evaluate();
        case 4 -> {
          run.save();
          run.scaleRate(2);
        }
        case 5 -> run.end("enough");
        default -> {}
      }
    }
  }

  private JsonNode manifest(String output) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(output + "/manifest.json").toFile());
  }

  private static double smallestLoss(Path output) throws IOException {
    return MetricsFile.read(output.resolve("metrics.jsonl")).stream()
        .filter(row -> row.containsKey("eval_loss") && row.get("step") > 0)
        .mapToDouble(row -> row.get("eval_loss"))
        .min()
        .orElseThrow();
  }

  private static List<String> checkpoints(Path output) throws IOException {
    try (Stream<Path> entries = Files.list(output)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.startsWith("checkpoint-"))
          .sorted()
          .toList();
    }
  }
}
