package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cards whose memory runs out, or that fail, in the middle of a step. */
@Tag("fakegpu")
class FakeGpuFaultTest {
  /** A card of one gibibyte. */
  private static final Map<String, String> SMALL = Map.of("FAKECUDA_GIB", "1");

  @TempDir Path folder;

  @BeforeEach
  void standIn() {
    FakeCuda.require();
  }

  private Map<String, Object> settings(String words) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "out");
    settings.put("max_steps", 6);
    settings.put("report_generations", 0);
    for (String word : words.split(" ")) {
      String[] pair = word.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    return settings;
  }

  private String run(int status, Map<String, Object> settings)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process = DilProcess.run("", DisturbedRun.class, settings, SMALL, log);
    assertEquals(status, DilProcess.status(process), DilProcess.text(log));
    return DilProcess.text(log);
  }

  private static String error(String said) {
    return said.lines().filter(line -> line.startsWith("dil: ")).reduce("", String::concat);
  }

  @ParameterizedTest
  @CsvSource({
    "device=cuda, 0, cuda:0",
    "device=cuda bf16=false gradient_checkpointing=true, 0, cuda:0",
    "device=cuda use_peft=true, 0, cuda:0",
    "devices=4, 2, cuda:2 (rank 2 of 4)",
    "devices=4 zero_stage=3, 1, cuda:1 (rank 1 of 4)"
  })
  void whereMemoryRunsOutTheLastStepIsKeptAndWhatToChangeIsSaid(
      String words, String card, String where) throws IOException, InterruptedException {
    Map<String, Object> settings = settings(words);
    settings.put("fill", card);
    String said = run(1, settings);
    String error = error(said);
    assertTrue(error.startsWith("dil: memory of " + where + " ran out; set one of "), said);
    assertTrue(error.contains(" max_tokens_per_pass="), said);
    assertTrue(error.endsWith("CUDA out of memory"), said);
    assertTrue(Files.exists(folder.resolve("out/checkpoint-3")), said);
    assertTrue(Files.notExists(folder.resolve("out/.checkpoint.partial")), said);
    assertTrue(Files.notExists(folder.resolve("out/model.safetensors")), said);
    settings.remove("fill");
    settings.put("max_tokens_per_pass", 128);
    settings.put("gradient_checkpointing", true);
    run(0, settings);
    assertTrue(Files.exists(folder.resolve("out/manifest.json")));
  }

  @Test
  void aCardThatFailsEndsTheRunWithItsNameAndReason() throws IOException, InterruptedException {
    Map<String, Object> settings = settings("devices=4");
    settings.put("lose", 3);
    String said = run(1, settings);
    assertEquals(
        "dil: cuda:3 (rank 3 of 4) failed: CUDA error: unspecified launch failure", error(said));
    assertTrue(Files.exists(folder.resolve("out/checkpoint-3")), said);
    settings.remove("lose");
    settings.put("devices", 2);
    run(0, settings);
  }

  @Test
  void aPlanThatDoesNotFitIsRefusedBeforeAnythingIsWritten()
      throws IOException, InterruptedException {
    Map<String, Object> settings = settings("device=cuda max_length=1000000");
    Path log = folder.resolve("log");
    Process process = DilProcess.train("export FAKECUDA_GIB=1", settings, log);
    assertEquals(2, DilProcess.status(process), DilProcess.text(log));
    String error = error(DilProcess.text(log));
    assertTrue(error.startsWith("dil: run needs "), error);
    assertTrue(error.contains(" GiB on each of 1 device(s), got 1.0 GiB; "), error);
    assertTrue(error.contains("change one of: a smaller max_length, "), error);
    assertTrue(Files.notExists(folder.resolve("out")));
  }
}
