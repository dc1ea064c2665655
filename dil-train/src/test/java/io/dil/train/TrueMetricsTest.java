package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.losses.PointwiseLoss;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.BatchLoss;
import io.dil.train.objective.Objective;
import io.dil.train.objective.Scores;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What metrics say is so: ties, epochs, KTO's divergence, lengths beyond the context. */
class TrueMetricsTest {
  @TempDir Path folder;

  @Test
  void aPolicyThatIsItsReferenceHasAnAccuracyOfOneHalfEverywhere() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("eval_holdout", 0.1);
    settings.put("learning_rate", 0);
    settings.put("max_steps", 2);
    QuickRun.run(settings);
    for (Map<String, Double> row : metrics("run")) {
      String prefix = row.containsKey("loss") ? "" : "eval_";
      assertEquals(0.5, row.get(prefix + "rewards/accuracies"), row.toString());
    }
    assertTrue(
        Files.readString(folder.resolve("run/README.md"))
            .contains("| `eval_rewards/accuracies` | 0.5 |"));
    assertTrue(
        Files.readString(folder.resolve("run/report.html")).contains("accuracy went from 50"));
  }

  @Test
  void theEpochIsFractionalWithMaxStepsAsWithout() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "counted");
    Path rows = folder.resolve("rows.jsonl");
    Files.write(rows, Files.readAllLines(folder.resolve("input/pairs.jsonl")).subList(0, 44));
    settings.put("dataset_name", "pairs:" + rows);
    settings.remove("max_steps");
    settings.put("num_train_epochs", 2);
    QuickRun.run(settings);
    settings.remove("num_train_epochs");
    settings.put("max_steps", 12);
    settings.put("output_dir", folder.resolve("steps").toString());
    QuickRun.run(settings);
    for (int step = 1; step <= 12; step++) {
      // 44 = 5 · 8 + 4: six steps per epoch, the last of which has four.
      double expected = Math.min(44, 8 * ((step - 1) % 6 + 1)) / 44.0 + (step - 1) / 6;
      assertEquals(expected, metrics("counted").get(step - 1).get("epoch"), 1e-12);
      assertEquals(expected, metrics("steps").get(step - 1).get("epoch"), 1e-12);
    }
  }

  @Test
  void ktoTakesItsDivergenceFromOthersAndLogsIt() throws IOException {
    Map<String, Object> settings = kto("run", 17);
    settings.remove("max_steps");
    settings.put("num_train_epochs", 2);
    QuickRun.run(settings);
    List<Map<String, Double>> rows =
        metrics("run").stream().filter(row -> row.containsKey("loss")).toList();
    // 17 = 8 + 9: a rest of one joins the step before it.
    assertEquals(4, rows.size());
    for (Map<String, Double> row : rows) {
      for (String name : List.of("kl", "rewards/chosen", "rewards/rejected", "rewards/margins")) {
        assertTrue(row.containsKey(name), () -> name + " in " + row);
      }
      assertEquals(
          row.get("rewards/chosen") - row.get("rewards/rejected"),
          row.get("rewards/margins"),
          1e-12);
    }
    assertEquals(0, rows.get(0).get("kl"), 1e-4);

    settings.put("per_device_train_batch_size", 1);
    settings.put("output_dir", folder.resolve("single").toString());
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("must be at least 2 for kto"), error::getMessage);
    assertFalse(Files.exists(folder.resolve("single")));

    Map<String, Object> one = kto("one", 1);
    error = assertThrows(InputException.class, () -> QuickRun.run(one));
    assertTrue(error.getMessage().contains("at least 2 examples, got 1"), error::getMessage);
  }

  @Test
  void theDivergenceIsTheMeanLogRatioOfTheMismatched() {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      examples.add(
          new TokenizedExample(
              "r" + i, new TokenGroup(Tokens.of(1), List.of(Tokens.of(2, 3))), i == 0));
    }
    Scores scores =
        new Scores(
            new double[] {-1, -2},
            new double[] {-1, -2},
            new double[] {-3, -5},
            new double[] {-4, -7},
            new double[0]);
    BatchLoss result =
        Objective.of((PointwiseLoss) Losses.create("kto")).evaluate(examples, scores);
    assertEquals((1 + 2) / 2.0, result.kl().getAsDouble(), 1e-12);
    // 1 − σ(β(0 − KL)) and 1 − σ(β(KL − 0)) with β = 0.1.
    assertEquals(1 / (1 + Math.exp(-0.15)), result.perExample()[0], 1e-9);
    assertEquals(1 / (1 + Math.exp(0.15)), result.perExample()[1], 1e-9);
  }

  @Test
  void accumulationDoesNotChangeKto() throws IOException {
    for (int size : new int[] {1, 4}) {
      Map<String, Object> settings = kto("size" + size, 40);
      settings.put("per_device_train_batch_size", size);
      settings.put("gradient_accumulation_steps", 8 / size);
      settings.put("max_steps", 3);
      QuickRun.run(settings);
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(metrics("size1").get(i).get("loss"), metrics("size4").get(i).get("loss"), 1e-6);
      assertEquals(metrics("size1").get(i).get("kl"), metrics("size4").get(i).get("kl"), 1e-5);
    }
  }

  @Test
  void anEvaluationDoesNotDependOnItsBatchSize() throws IOException {
    for (String loss : List.of("kto", "aot", "dpo")) {
      List<List<Map<String, Double>>> runs = new ArrayList<>();
      for (int size : new int[] {1, 3, 64}) {
        Map<String, Object> settings =
            loss.equals("kto") ? kto(loss + size, 40) : QuickRun.settings(folder, loss + size);
        settings.put("loss_type", loss);
        settings.put("eval_holdout", 0.3);
        settings.put("per_device_eval_batch_size", size);
        settings.put("max_steps", 3);
        QuickRun.run(settings);
        runs.add(
            metrics(loss + size).stream().filter(row -> row.containsKey("eval_loss")).toList());
      }
      for (List<Map<String, Double>> other : runs) {
        Map<String, Double> first = runs.get(0).get(1);
        first.forEach(
            (name, value) -> assertEquals(value, other.get(1).get(name), 1e-4, loss + " " + name));
        assertEquals(loss.equals("kto"), first.containsKey("eval_kl"));
      }
    }
  }

  @Test
  void sequencesBeyondTheContextAreSaidOnceWithTheirNumber() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    Path config = folder.resolve("input/model/config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceAll("\"max_position_embeddings\" : \\d+", "\"max_position_embeddings\" : 8"));
    settings.put("max_steps", 3);
    List<String> said = said(settings);
    assertEquals(1, said.size(), said::toString);
    assertTrue(said.get(0).contains("longer than the model's context of 8 tokens"), said::toString);
    settings.remove("max_steps");
    settings.put("num_train_epochs", 0.05);
    settings.put("output_dir", folder.resolve("counted").toString());
    said = said(settings);
    assertEquals(1, said.size(), said::toString);
    assertTrue(said.get(0).matches("WARNING: \\d+ of \\d+ examples are longer .*"), said::toString);
  }

  private static List<String> said(Map<String, Object> settings) {
    List<String> said = new ArrayList<>();
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void message(String text) {
                if (text.startsWith("WARNING")) {
                  said.add(text);
                }
              }
            })
        .run();
    return said;
  }

  private Map<String, Object> kto(String output, int rows) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    StringBuilder lines = new StringBuilder();
    String[] names = {"mira", "tess", "jon", "ada"};
    for (int i = 0; i < rows; i++) {
      lines.append(
          "{\"prompt\":\"ask %s for tea %d :\",\"completion\":\" %s %d\",\"label\":%b}\n"
              .formatted(names[i % 4], i, i % 3 == 0 ? "now" : "please", i, i % 2 == 0));
    }
    Path file = folder.resolve("kto-" + rows + ".jsonl");
    Files.writeString(file, lines);
    settings.put("dataset_name", "kto:" + file);
    settings.put("loss_type", "kto");
    return settings;
  }

  private List<Map<String, Double>> metrics(String run) throws IOException {
    return MetricsFile.read(folder.resolve(run).resolve("metrics.jsonl"));
  }
}
