package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Benchmarks while training: in the metrics, in the report, and a bad name before the first step.
 */
class TaskSlicesTest {
  @TempDir Path folder;

  @Test
  void aSliceRunsAtEveryEvaluation() throws IOException {
    List<String> rows = new ArrayList<>();
    for (String who : List.of("mira", "tess", "omar", "ann")) {
      rows.add(
          "{\"question\":\"ask %s for tea :\",\"choices\":[\"give me tea now !\",\"may i have some tea , please ?\"],\"gold\":1}"
              .formatted(who));
    }
    Files.write(folder.resolve("rows.jsonl"), rows);
    Path task = folder.resolve("polite.yaml");
    Files.writeString(
        task,
        """
        task: polite
        data: {test: [rows.jsonl]}
        text: "{question}"
        choices: {field: choices}
        gold: {index: gold}
        metrics: [acc_norm]
        """);
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("eval_tasks", List.of(task.toString()));
    settings.put("eval_task_data", folder.toString());
    settings.put("eval_task_limit", 3);
    settings.put("eval_steps", 4);
    settings.put("max_steps", 8);
    QuickRun.run(settings);

    List<Double> values = new ArrayList<>();
    List<Double> steps = new ArrayList<>();
    for (Map<String, Double> row : MetricsFile.read(folder.resolve("run/metrics.jsonl"))) {
      if (row.containsKey("eval_tasks/polite/acc_norm")) {
        values.add(row.get("eval_tasks/polite/acc_norm"));
        steps.add(row.get("step"));
      }
    }
    assertEquals(List.of(0.0, 4.0, 8.0), steps);
    // Thirds: of three rows.
    values.forEach(value -> assertEquals(Math.rint(3 * value), 3 * value, 1e-9));
    String report = Files.readString(folder.resolve("run/report.html"));
    assertTrue(report.contains("Benchmark polite"));
  }

  @Test
  void aTaskThatIsNotKnownStopsTheRunBeforeItBegins() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("eval_tasks", List.of("gsm8q"));
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("did you mean 'gsm8k'"), error.getMessage());
  }
}
