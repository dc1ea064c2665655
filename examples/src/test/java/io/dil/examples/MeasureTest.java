package io.dil.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.train.quickstart.Quickstart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The measuring programs print what the benchmarks read. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memory is read from /proc")
class MeasureTest {
  @TempDir Path folder;

  private interface Program {
    void main(String[] args) throws IOException;
  }

  private static JsonNode printed(Program program, String... args) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.main(args);
    } finally {
      System.setOut(before);
    }
    return new ObjectMapper().readTree(bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void trainingIsMeasured() throws IOException {
    Quickstart.unpack(folder.resolve("input"));
    JsonNode result =
        printed(
            MeasureTraining::main,
            "warmup=1",
            "model_name_or_path=" + folder.resolve("input/model"),
            "dataset_name=pairs:" + folder.resolve("input/pairs.jsonl"),
            "output_dir=" + folder.resolve("run"),
            "max_steps=3");
    assertEquals(2, result.path("steps").asInt());
    assertEquals(2, result.path("step_s").size());
    assertEquals(3, result.path("losses").size());
    assertTrue(result.path("pairs_per_s").asDouble() > 0, result::toString);
  }

  @Test
  void stepsAreMeasuredAndTheirCallsSummed() throws IOException {
    Quickstart.unpack(folder.resolve("input"));
    JsonNode config =
        new ObjectMapper()
            .readTree(Files.readString(folder.resolve("input/model").resolve("config.json")));
    int layers = config.path("num_hidden_layers").asInt();
    JsonNode result =
        printed(
            MeasureSteps::main,
            "model=" + folder.resolve("input/model"),
            "rounds=2",
            "profile=true",
            "points=4:5:6*2,3:3:3*1/true/never;4:5:6*1/false/always");
    assertEquals(2, result.path("points").size());
    assertEquals(2, result.path("points").path(0).path("seconds").size());
    JsonNode calls = result.path("calls");
    // Forward once where activations are kept and twice where they are not, two rounds of each.
    assertEquals(2 * 3 * layers, calls.path("policy layer").path("calls").asInt(), calls::toString);
    assertEquals(2 * 2 * layers, calls.path("reference layer").path("calls").asInt());
    assertEquals(2 * 2, calls.path("policy head_backward").path("calls").asInt());
  }

  @Test
  void headIsMeasured() throws IOException {
    JsonNode result =
        printed(MeasureHead::main, "tokens=9", "vocabulary=11", "hidden=8", "repeats=2");
    assertEquals(2, result.path("both_s").size());
    assertTrue(result.path("peak_bytes").asLong() >= result.path("forward_peak_bytes").asLong());
  }

  @Test
  void layerIsMeasured() throws IOException {
    JsonNode result =
        printed(
            MeasureLayer::main,
            "hidden=16",
            "intermediate=24",
            "heads=4",
            "kv_heads=2",
            "tokens=5",
            "seconds=0.01");
    assertTrue(result.path("forward").path("median_s").asDouble() > 0);
    assertTrue(result.path("both").path("count").asInt() >= 5);
  }

  @Test
  void missingArgumentIsNamed() {
    Exception error =
        assertThrows(
            IllegalArgumentException.class, () -> MeasureHead.main(new String[] {"tokens=9"}));
    assertEquals("argument 'vocabulary' must be given, got none", error.getMessage());
  }
}
