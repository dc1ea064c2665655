package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole runs are those of TRL's trainers on the same rows: losses, gradient norms, learning rates,
 * epochs and rewards of every step, and the weights at the end. The numbers are made by {@code
 * src/test/python/trl_runs.py}, which says what the runs leave out.
 */
class TrlRunsTest {
  private static final double CLOSE = 1e-5;

  /** What our rows call differently or do not have: TRL counts micro-batches, we do not. */
  private static final List<String> THEIRS = List.of("micro_batches");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"accumulation", "warm-up", "epochs", "all", "kto"})
  void everyStepIsThatOfTrl(String name) throws IOException {
    JsonNode golden = golden().path("runs").path(name);
    QuickRun.run(settings(golden));
    List<Map<String, Double>> ours = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    JsonNode theirs = golden.path("steps");
    assertEquals(theirs.size(), ours.size(), "steps");
    for (int i = 0; i < theirs.size(); i++) {
      Map<String, Double> row = ours.get(i);
      for (Map.Entry<String, JsonNode> each : theirs.get(i).properties()) {
        String key = each.getKey();
        if (THEIRS.contains(key)) {
          continue;
        }
        double value = each.getValue().asDouble();
        double slack = 2 * golden.path("float32_error").path(key).asDouble();
        String what = name + ", step " + (i + 1) + ", " + key;
        assertTrue(row.containsKey(key), what);
        assertEquals(value, row.get(key), CLOSE * Math.max(1, Math.abs(value)) + slack, what);
      }
      double rate = theirs.get(i).path("learning_rate").asDouble();
      assertEquals(rate, row.get("learning_rate"), 1e-15);
      for (String reward : List.of("rewards/chosen", "rewards/rejected", "rewards/margins")) {
        assertEquals(theirs.get(i).has(reward), row.containsKey(reward), reward);
      }
    }
    weights(golden.path("weights"));
  }

  private void weights(JsonNode golden) {
    Path model = folder.resolve("run");
    try (DecoderLm trained =
        DecoderLm.load(ModelFolder.open(model), Device.cpu(), Precision.FLOAT32)) {
      assertEquals(golden.size(), trained.weights().size());
      trained
          .weights()
          .forEach(
              (name, weight) -> {
                JsonNode expected = golden.path(name);
                float[] values = weight.toFloatArray();
                double squares = 0;
                for (float value : values) {
                  squares += (double) value * value;
                }
                double slack = CLOSE + 2 * expected.path("float32_error").asDouble();
                double norm = expected.path("norm").asDouble();
                assertEquals(norm, Math.sqrt(squares), slack * norm, name);
                for (int i = 0; i < expected.path("entries").size(); i++) {
                  assertEquals(
                      expected.path("entries").get(i).asDouble(),
                      values[expected.path("entries_at").get(i).asInt()],
                      slack,
                      name);
                }
              });
    }
  }

  private Map<String, Object> settings(JsonNode golden) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.remove("max_steps");
    for (Map.Entry<String, JsonNode> each : golden.path("settings").properties()) {
      JsonNode value = each.getValue();
      settings.put(each.getKey(), value.isNumber() ? value.numberValue() : value.asText());
    }
    List<String> lines = new ArrayList<>();
    golden.path("rows").forEach(row -> lines.add(row.toString()));
    Path rows = folder.resolve("rows.jsonl");
    Files.write(rows, lines);
    String format =
        golden.path("settings").path("loss_type").asText().equals("kto") ? "kto" : "pairs";
    settings.put("dataset_name", format + ":" + rows);
    // Rows in their order, as TRL was told to take them.
    settings.put("shuffle_buffer", 1);
    return settings;
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in = TrlRunsTest.class.getResourceAsStream("/parity/trl-runs.json")) {
      return new ObjectMapper().readTree(in);
    }
  }
}
