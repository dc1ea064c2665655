package io.dil.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dil.train.quickstart.Quickstart;
import io.dil.train.run.MetricsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
class TrainingExamplesTest {
  @TempDir Path folder;

  @Test
  void customLossFalls() throws IOException {
    Quickstart.unpack(folder.resolve("input"));
    CustomLoss.main(
        new String[] {
          folder.resolve("input/model").toString(),
          "pairs:" + folder.resolve("input/pairs.jsonl"),
          folder.resolve("run").toString(),
          "40"
        });
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    // (0 − 1)² + (0 + 1)² where policy and reference agree.
    assertEquals(2, rows.get(0).get("loss"), 1e-9);
    assertTrue(rows.get(39).get("loss") < 1, () -> "loss must fall, got " + rows.get(39));
  }

  @Test
  void quickstartIsMadeFromNothing() throws IOException {
    MakeQuickstart.main(new String[] {folder.toString(), "1600"});
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("sft/metrics.jsonl"));
    assertTrue(
        rows.get(rows.size() - 1).get("loss") < 0.5 * rows.get(0).get("loss"),
        () -> "loss must halve, got " + rows.get(rows.size() - 1));
    for (String file : Quickstart.FILES) {
      assertTrue(Files.exists(folder.resolve("quickstart").resolve(file)), file);
    }
  }

  @Test
  void givenPairsAndOwnAnswersAreMeasuredSideBySide() throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      MeasureOnPolicy.main(new String[] {folder.toString(), "4", "1", "offline", "rule"});
    } finally {
      System.setOut(before);
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    // Two lines of head, the start, and four quarters of two runs.
    assertEquals(2 + 1 + 8, lines.size(), () -> lines.toString());
    assertTrue(
        lines.stream()
            .skip(2)
            .allMatch(line -> line.matches("\\|.*\\| \\d+\\.\\d % \\| \\d+\\.\\d % \\|.*")),
        () -> lines.toString());
  }

  @Test
  void dilTrainsOnHh() throws IOException {
    Path assets =
        Path.of(System.getenv().getOrDefault("DIL_ASSETS", "../../shared/assets")).toAbsolutePath();
    Path model = assets.resolve("models/stories260K-hf");
    assumeTrue(Files.exists(model), () -> "skipped: no " + model + " (set DIL_ASSETS)");
    TrainDil.main(
        new String[] {
          model.toString(),
          assets.resolve("prefs/hh_harmless_sample.jsonl.gz").toString(),
          folder.resolve("run").toString(),
          "12"
        });
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    assertEquals(-0.5, rows.get(0).get("eval_loss"), 1e-9);
    assertTrue(rows.get(rows.size() - 1).get("eval_loss") < -0.5, () -> rows.toString());
    assertTrue(Files.size(folder.resolve("run/report.html")) > 10_000);
  }
}
