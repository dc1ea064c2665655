package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a run, what was trained is kept, and the same command ends with the same bytes. */
class KeptRunTest {
  private static final String SAME =
      "{\"prompt\":\"ask mira for tea :\",\"chosen\":\" please\",\"rejected\":\" please\"}\n";

  @TempDir Path folder;

  @Test
  void theModelIsWrittenBeforeAnEvaluationFails() throws IOException {
    Map<String, Object> settings = evaluated("whole");
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("run").toString());
    Path heldOut = folder.resolve("held-out.jsonl");
    Path away = folder.resolve("away.jsonl");
    InputException error =
        assertThrows(
            InputException.class, () -> run(settings, step -> move(step == 12, heldOut, away)));
    assertTrue(error.getMessage().contains("held-out.jsonl"), error::getMessage);
    assertArrayEquals(bytes("whole/model.safetensors"), bytes("run/model.safetensors"));
    assertTrue(Files.exists(folder.resolve("run/config.json")));
    assertTrue(Files.exists(folder.resolve("run/tokenizer.json")));
    assertFalse(Files.exists(folder.resolve("run/manifest.json")));
    assertTrue(Files.exists(folder.resolve("run/checkpoint-12/trainer_state.json")));
    Files.move(away, heldOut);
    QuickRun.run(settings);
    same("whole", "run");
  }

  @Test
  void anErrorWritesACheckpointFirstAlsoInTheMiddleOfAnEvaluation() throws IOException {
    Map<String, Object> settings = evaluated("whole");
    settings.put("eval_steps", 5);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("run").toString());
    Path heldOut = folder.resolve("held-out.jsonl");
    Path away = folder.resolve("away.jsonl");
    assertThrows(InputException.class, () -> run(settings, step -> move(step == 5, heldOut, away)));
    assertTrue(Files.exists(folder.resolve("run/checkpoint-5")));
    Files.move(away, heldOut);
    assertThrows(
        IllegalStateException.class,
        () ->
            run(
                settings,
                step -> {
                  if (step == 8) {
                    throw new IllegalStateException("a listener fails");
                  }
                }));
    assertTrue(Files.exists(folder.resolve("run/checkpoint-8")));
    QuickRun.run(settings);
    same("whole", "run");
  }

  @Test
  void dataWithoutAUsableExampleIsAnErrorWithCountsAndLeavesNothing() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "deep/run");
    Path rows = folder.resolve("same.jsonl");
    Files.writeString(rows, SAME.repeat(50));
    settings.put("dataset_name", "pairs:" + rows);
    for (int maxSteps : new int[] {0, 12}) {
      settings.put("max_steps", maxSteps);
      settings.put("report_generations", 0);
      InputException error =
          assertTimeout(
              Duration.ofSeconds(20),
              () -> assertThrows(InputException.class, () -> QuickRun.run(settings)));
      assertTrue(error.getMessage().contains("got none; dropped: "), error::getMessage);
      assertTrue(error.getMessage().contains("identical_responses=50"), error::getMessage);
    }
    assertFalse(Files.exists(folder.resolve("deep")));
    settings.put("dataset_name", "pairs:" + folder.resolve("input/pairs.jsonl"));
    settings.put("eval_dataset_name", "pairs:" + rows);
    settings.put("output_dir", folder.resolve("held").toString());
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("held-out data must give"), error::getMessage);
    assertTrue(error.getMessage().contains("identical_responses=50"), error::getMessage);
    assertFalse(Files.exists(folder.resolve("held")));
  }

  @Test
  void aRefusedRunLeavesNoFolder() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "deep/er/run");
    settings.put("dataset_name", "pairs:" + folder.resolve("nothing.jsonl"));
    settings.put("max_steps", 0);
    assertThrows(InputException.class, () -> QuickRun.run(settings));
    settings.put("precompute_ref_log_probs", true);
    assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertFalse(Files.exists(folder.resolve("deep")));
  }

  @Test
  void aLinkToTheModelIsTheModel() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "link");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("input/model"));
    byte[] before = bytes("input/model/model.safetensors");
    for (String output : new String[] {"link", "input/model", "input"}) {
      settings.put("output_dir", folder.resolve(output).toString());
      settings.put("overwrite_output_dir", true);
      InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
      assertTrue(error.getMessage().contains("model_name_or_path"), error::getMessage);
    }
    assertArrayEquals(before, bytes("input/model/model.safetensors"));
  }

  @Test
  void somebodyElsesFolderIsRefusedAndReplacedOnlyWhole() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "theirs");
    settings.put("max_steps", 1);
    Path theirs = Files.createDirectories(folder.resolve("theirs"));
    for (String name :
        new String[] {"model-00001-of-00002.safetensors", "generation_config.json", "notes.txt"}) {
      Files.writeString(theirs.resolve(name), "{}");
    }
    Files.delete(folder.resolve("input/model/generation_config.json"));
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("must be empty or hold a run"), error::getMessage);
    try (var left = Files.list(theirs)) {
      assertEquals(3, left.count());
    }
    settings.put("overwrite_output_dir", true);
    settings.put("lora_r", 4);
    settings.put("use_peft", true);
    settings.put("lora_target_modules", "no_such_linear");
    assertThrows(InputException.class, () -> QuickRun.run(settings));
    try (var left = Files.list(theirs)) {
      assertEquals(3, left.count(), "a run that fails before it begins leaves it as it was");
    }
    List.of("lora_r", "use_peft", "lora_target_modules").forEach(settings::remove);
    QuickRun.run(settings);
    assertTrue(Files.exists(theirs.resolve("notes.txt")));
    assertFalse(Files.exists(theirs.resolve("generation_config.json")), "no mixed folder");
    assertFalse(Files.exists(theirs.resolve("model-00001-of-00002.safetensors")));
  }

  @Test
  void twoRunsInOneFolderOrCacheGetARefusal() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 2);
    settings.put("precompute_ref_log_probs", true);
    settings.put("ref_cache_dir", folder.resolve("cache").toString());
    Map<String, Object> sameCache = new HashMap<>(settings);
    sameCache.put("output_dir", folder.resolve("other").toString());
    List<String> refusals = new ArrayList<>();
    run(
        settings,
        step -> {
          for (Map<String, Object> second : List.of(settings, sameCache)) {
            refusals.add(
                assertThrows(InputException.class, () -> QuickRun.run(second)).getMessage());
          }
        });
    assertEquals(4, refusals.size());
    assertTrue(
        refusals.get(0).startsWith("output_dir must not be in use by another run"),
        refusals::toString);
    assertTrue(
        refusals.get(1).startsWith("ref_cache_dir must not be in use by another run"),
        refusals::toString);
    assertFalse(Files.exists(folder.resolve("other")));
  }

  @Test
  void overwriteDoesNotStartAKilledRunOver() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("overwrite_output_dir", true);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("run").toString());
    List<Long> steps = new ArrayList<>();
    assertThrows(IllegalStateException.class, () -> run(settings, KeptRunTest::failAtSeven));
    run(settings, steps::add);
    assertEquals(List.of(8L, 9L, 10L, 11L, 12L), steps);
    same("whole", "run");
    // With other settings it is replaced, and what stood there is no part of it.
    settings.put("learning_rate", 2e-3);
    settings.put("max_steps", 2);
    QuickRun.run(settings);
    assertEquals(2, MetricsFile.read(folder.resolve("run/metrics.jsonl")).size());
  }

  @Test
  void askedToStopItEndsSoonAndKeepsReferenceScores() throws Exception {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("precompute_ref_log_probs", true);
    settings.put("ref_cache_dir", folder.resolve("cache").toString());
    List<String> said = new ArrayList<>();
    assertEquals(TrainingRun.Outcome.STOPPED, stoppedAtMessage(settings, said, "scoring"));
    assertEquals(TrainingRun.Outcome.STOPPED, stoppedAtMessage(settings, said, "scoring"));
    List<String> known =
        said.stream().filter(line -> line.startsWith("scoring the reference")).toList();
    assertEquals("scoring the reference; 0 responses are known already", known.get(0));
    assertTrue(number(known.get(1)) > 0, known::toString);
  }

  @Test
  void askedToStopItEndsSoonInCountingAndEvaluation() throws Exception {
    Map<String, Object> counting = QuickRun.settings(folder, "run");
    counting.put("max_steps", 0);
    assertEquals(
        TrainingRun.Outcome.STOPPED, stoppedAtMessage(counting, new ArrayList<>(), "counting"));
    assertFalse(Files.exists(folder.resolve("run")));
    Map<String, Object> evaluating = QuickRun.settings(folder, "run");
    evaluating.put("eval_holdout", 0.8);
    evaluating.put("eval_steps", 3);
    QuickRun.run(evaluating);
    evaluating.put("output_dir", folder.resolve("parts").toString());
    TrainingRun[] run = new TrainingRun[1];
    int[] steps = {0};
    run[0] =
        new TrainingRun(
            TrainingConfig.of(evaluating),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                steps[0]++;
                if (step == 3) {
                  // In the middle of the evaluation that follows.
                  stopIn(run[0], 50);
                }
              }
            });
    assertEquals(TrainingRun.Outcome.STOPPED, run[0].run().outcome());
    assertEquals(3, steps[0]);
    QuickRun.run(evaluating);
    same("run", "parts");
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  /** Asks a run to stop a moment after it says something that begins so. */
  private static TrainingRun.Outcome stoppedAtMessage(
      Map<String, Object> settings, List<String> said, String prefix) {
    TrainingRun[] run = new TrainingRun[1];
    long[] asked = {0};
    run[0] =
        new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void message(String text) {
                said.add(text);
                if (text.startsWith(prefix)) {
                  asked[0] = System.nanoTime();
                  stopIn(run[0], prefix.equals("scoring") ? 400 : 0);
                }
              }
            });
    TrainingRun.Outcome outcome = run[0].run().outcome();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - asked[0]);
    assertTrue(seconds < 3, () -> "must end within seconds, got " + seconds);
    return outcome;
  }

  private static void stopIn(TrainingRun run, long millis) {
    Thread later =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(millis);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              run.stop();
            });
    later.setDaemon(true);
    later.start();
  }

  private static void failAtSeven(long step) {
    if (step == 7) {
      throw new IllegalStateException("a listener fails");
    }
  }

  private static void move(boolean now, Path from, Path to) {
    try {
      if (now) {
        Files.move(from, to);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Object> evaluated(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    List<String> rows = Files.readAllLines(folder.resolve("input/pairs.jsonl"));
    Files.write(folder.resolve("held-out.jsonl"), rows.subList(0, 20));
    settings.put("eval_dataset_name", "pairs:" + folder.resolve("held-out.jsonl"));
    return settings;
  }

  private static void run(Map<String, Object> settings, Consumer<Long> stepped) {
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                stepped.accept(step);
              }
            })
        .run();
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  private void same(String one, String other) throws IOException {
    QuickRun.assertSame(folder, one, other, "model.safetensors", "metrics.jsonl", "config.json");
  }
}
