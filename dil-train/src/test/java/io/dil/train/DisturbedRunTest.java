package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas on the processor, one of which fails in the middle of a step. */
@EnabledOnOs(OS.LINUX)
class DisturbedRunTest {
  @TempDir Path folder;

  private Map<String, Object> settings(String output, int stage) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.put("devices", "cpux4");
    settings.put("zero_stage", stage);
    settings.put("max_steps", 6);
    settings.put("report_generations", 0);
    return settings;
  }

  private String run(int status, String prelude, Map<String, Object> settings)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process = DilProcess.run(prelude, DisturbedRun.class, settings, Map.of(), log);
    assertEquals(status, DilProcess.status(process), DilProcess.text(log));
    return DilProcess.text(log);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aRankThatFailsEndsTheRunWithACheckpointOfTheLastWholeStep(int stage)
      throws IOException, InterruptedException {
    run(0, "", settings("whole", stage));
    Map<String, Object> lost = settings("parts", stage);
    lost.put("lose", 2);
    long begun = System.nanoTime();
    String said = run(1, "", lost);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    assertTrue(seconds < 60, () -> "must not wait for what will not come, took " + seconds + " s");
    assertEquals(
        "dil: cpu (rank 2 of 4) failed: CUDA error: unspecified launch failure",
        said.lines().filter(line -> line.startsWith("dil: ")).reduce("", String::concat));
    assertTrue(said.contains("an error ends the run; step 3 is kept first"), said);
    assertTrue(Files.exists(folder.resolve("parts/checkpoint-3")), said);
    assertTrue(Files.notExists(folder.resolve("parts/model.safetensors")));
    run(0, "", settings("parts", stage));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(folder.resolve("parts/model.safetensors")));
  }

  @Test
  void whereTheLastStepCannotBeKeptTheLastCheckpointStays()
      throws IOException, InterruptedException {
    Map<String, Object> lost = settings("run", 2);
    lost.put("lose", 1);
    lost.put("max_steps", 8);
    run(1, "", lost);
    assertTrue(Files.exists(folder.resolve("run/checkpoint-3")));
    // Files may no longer have the size of the moments.
    String said = run(1, "ulimit -f 800", lost);
    assertTrue(said.contains("step 6 could not be kept ("), said);
    assertTrue(said.contains("dil: cpu (rank 1 of 4) failed: "), said);
    assertTrue(Files.exists(folder.resolve("run/checkpoint-3")));
    assertTrue(Files.notExists(folder.resolve("run/.checkpoint.partial")));
    lost.remove("lose");
    run(0, "", lost);
  }
}
