package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.Checksums;
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

/** A checkpoint is known by its content: what changed is noticed, what only moved is not. */
class CheckpointContentTest {
  @TempDir Path folder;
  private final List<String> said = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "optimizer.safetensors", "trainer_state.json"})
  void aFlippedBitIsNoticedAndTheCheckpointBeforeItTaken(String file) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("save_steps", 3);
    settings.put("save_total_limit", 2);
    run(settings, 0);
    settings.put("output_dir", folder.resolve("run").toString());
    assertThrows(IllegalStateException.class, () -> run(settings, 7));
    flip(folder.resolve("run/checkpoint-7").resolve(file));
    said.clear();
    run(settings, 0);
    assertTrue(
        said.stream()
            .anyMatch(
                line ->
                    line.contains(
                        "checkpoint-7 is damaged: " + file + " has changed since it was written")),
        said::toString);
    same("whole", "run");
  }

  @Test
  void aDamagedCheckpointWithoutAnotherIsSaid() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    assertThrows(IllegalStateException.class, () -> run(settings, 7));
    flip(folder.resolve("run/checkpoint-7/optimizer.safetensors"));
    InputException error = assertThrows(InputException.class, () -> run(settings, 0));
    assertTrue(error.getMessage().contains("no whole checkpoint is left"), error::getMessage);
    Files.delete(folder.resolve("run/checkpoint-7/optimizer.safetensors"));
    error = assertThrows(InputException.class, () -> run(settings, 0));
    assertTrue(error.getMessage().contains("optimizer.safetensors is missing"), error::getMessage);
  }

  @Test
  void equalRunsWriteEqualBytes() throws IOException {
    List<String> sums = new ArrayList<>();
    for (String name : new String[] {"a", "b"}) {
      Map<String, Object> settings = QuickRun.settings(folder, name);
      settings.put("save_steps", 5);
      run(settings, 0);
      // The state holds the time that was spent.
      sums.add(
          Files.readString(folder.resolve(name + "/checkpoint-10/SHA256SUMS"))
              .replaceAll("(?m)^.*trainer_state.json$", ""));
    }
    assertEquals(sums.get(0), sums.get(1));
    same("a", "b");
  }

  @Test
  void theSumsAreThoseThatOtherToolsCheck() throws Exception {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("save_steps", 5);
    run(settings, 0);
    Path checkpoint = folder.resolve("run/checkpoint-10");
    for (String line : Files.readAllLines(checkpoint.resolve("SHA256SUMS"))) {
      String[] parts = line.split("  ", 2);
      assertEquals(parts[0], Checksums.of(List.of(checkpoint.resolve(parts[1]))), line);
    }
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        Checksums.of(List.of(Files.writeString(folder.resolve("abc"), "abc"))));
  }

  @Test
  void aModelThatMovedIsTheSameAndAnotherInItsPlaceIsNot() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    run(settings, 0);
    settings.put("output_dir", folder.resolve("run").toString());
    assertThrows(IllegalStateException.class, () -> run(settings, 7));
    Files.move(folder.resolve("input"), folder.resolve("moved"));
    settings.put("model_name_or_path", folder.resolve("moved/model").toString());
    settings.put("dataset_name", "pairs:" + folder.resolve("moved/pairs.jsonl"));
    Path tokenizer = folder.resolve("moved/model/tokenizer_config.json");
    String before = Files.readString(tokenizer);
    Files.writeString(tokenizer, before + " ");
    InputException error = assertThrows(InputException.class, () -> run(settings, 0));
    assertTrue(
        error.getMessage().contains("the contents of model_name_or_path are not those"),
        error::getMessage);
    Files.writeString(tokenizer, before);
    run(settings, 0);
    same("whole", "run");
  }

  @Test
  void anotherNumberOfThreadsIsSaid() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    assertThrows(IllegalStateException.class, () -> run(settings, 7));
    Path checkpoint = folder.resolve("run/checkpoint-7");
    Path state = checkpoint.resolve("trainer_state.json");
    String before = Checksums.of(List.of(state));
    Files.writeString(
        state,
        Files.readString(state).replaceAll("\"threads\" : \"\\d+\"", "\"threads\" : \"97\""));
    Path sums = checkpoint.resolve("SHA256SUMS");
    Files.writeString(sums, Files.readString(sums).replace(before, Checksums.of(List.of(state))));
    said.clear();
    run(settings, 0);
    assertTrue(
        said.stream()
            .anyMatch(
                line ->
                    line.startsWith("results may differ in their last bits")
                        && line.contains("threads was 97 and is ")),
        said::toString);
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      assertTrue(files.anyMatch(file -> file.endsWith("model.safetensors")));
    }
  }

  private void run(Map<String, Object> settings, long failAt) {
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void message(String text) {
                said.add(text);
              }

              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                if (step == failAt) {
                  throw new IllegalStateException("a listener fails");
                }
              }
            })
        .run();
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 2] ^= 1;
    Files.write(file, bytes);
  }

  private void same(String one, String other) throws IOException {
    QuickRun.assertSame(folder, one, other, "model.safetensors", "metrics.jsonl", "config.json");
  }
}
