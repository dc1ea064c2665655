package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that was stopped or killed ends with the same bits as one that was not. */
class ResumeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stoppedRunsGoOnBitForBit(boolean bf16) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("bf16", bf16);
    QuickRun.run(settings);

    settings.put("output_dir", folder.resolve("parts").toString());
    int parts = 0;
    TrainingRun.Outcome outcome;
    do {
      StopAfter stop = new StopAfter(5);
      TrainingRun run = new TrainingRun(TrainingConfig.of(settings), stop);
      stop.run = run;
      outcome = run.run().outcome();
      parts++;
    } while (outcome == TrainingRun.Outcome.STOPPED);

    assertEquals(3, parts);
    same("whole", "parts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adafactor", "lion_32bit", "muon"})
  void everyOptimiserGoesOnBitForBit(String optimiser) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("optim", optimiser);
    if (optimiser.equals("sgd")) {
      settings.put("optim_args", "momentum=0.9,nesterov=true");
    } else if (optimiser.equals("adafactor")) {
      settings.put("optim_args", Map.of("beta1", 0.9));
    }
    settings.put("lr_scheduler_type", "warmup_stable_decay");
    settings.put("lr_scheduler_kwargs", Map.of("num_decay_steps", 4));
    settings.put("report_generations", 0);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("parts").toString());
    StopAfter stop = new StopAfter(7);
    TrainingRun run = new TrainingRun(TrainingConfig.of(settings), stop);
    stop.run = run;
    assertEquals(TrainingRun.Outcome.STOPPED, run.run().outcome());
    QuickRun.run(settings);
    same("whole", "parts");
  }

  @Test
  void killedRunsGoOnBitForBit() throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("max_steps", 40);
    settings.put("save_steps", 3);
    QuickRun.run(settings);

    settings.put("output_dir", folder.resolve("killed").toString());
    Path output = folder.resolve("killed");
    Path partial = output.resolve(".checkpoint.partial");
    int kills = 0;
    boolean finished = false;
    for (int attempt = 0; attempt < 12 && !finished; attempt++) {
      Process process = DilProcess.train(settings, folder.resolve("log-" + attempt));
      // Every other kill comes while a checkpoint is being written, the others at any moment.
      boolean duringSave = attempt % 2 == 0;
      long until =
          System.nanoTime()
              + TimeUnit.MILLISECONDS.toNanos(
                  duringSave ? 60_000 : ThreadLocalRandom.current().nextInt(2_000, 5_000));
      while (process.isAlive()
          && System.nanoTime() < until
          && !(duringSave && Files.exists(partial.resolve("optimizer.safetensors")))) {
        Thread.onSpinWait();
      }
      if (attempt < 6 && process.isAlive()) {
        process.destroyForcibly();
        process.waitFor();
        kills++;
        // The kill may come between the last write and the end of the process.
        finished = Files.exists(output.resolve("manifest.json"));
      } else {
        assertEquals(0, DilProcess.status(process), () -> log());
        finished = true;
      }
    }
    assertTrue(finished);
    assertTrue(kills >= 2, "the run must have been killed at least twice, got " + kills);
    assertTrue(Files.notExists(partial));
    same("whole", "killed");
  }

  private String log() {
    try {
      StringBuilder all = new StringBuilder();
      for (int i = 0; Files.exists(folder.resolve("log-" + i)); i++) {
        all.append(DilProcess.text(folder.resolve("log-" + i))).append("----\n");
      }
      return all.toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void refusesOtherSettings() throws IOException {
    Map<String, Object> settings = stoppedAfterTwo();
    settings.put("learning_rate", 2e-3);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(
        error.getMessage().contains("learning_rate was 0.001 and is 0.002"), error::getMessage);
  }

  @Test
  void refusesOtherData() throws IOException {
    Map<String, Object> settings = stoppedAfterTwo();
    Path pairs = folder.resolve("input/pairs.jsonl");
    Files.writeString(pairs, Files.readString(pairs).replaceFirst("mira", "tess"));
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("other contents"), error::getMessage);
  }

  @Test
  void refusesToRunOverAFinishedRun() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "twice");
    settings.put("max_steps", 1);
    QuickRun.run(settings);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("overwrite_output_dir=true"), error::getMessage);
    settings.put("overwrite_output_dir", true);
    QuickRun.run(settings);
  }

  private Map<String, Object> stoppedAfterTwo() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "stopped");
    StopAfter stop = new StopAfter(2);
    TrainingRun run = new TrainingRun(TrainingConfig.of(settings), stop);
    stop.run = run;
    assertEquals(TrainingRun.Outcome.STOPPED, run.run().outcome());
    return settings;
  }

  private void same(String one, String other) throws IOException {
    QuickRun.assertSame(folder, one, other, "model.safetensors", "metrics.jsonl", "config.json");
  }

  /** Asks its run to stop behind a number of steps. */
  private static final class StopAfter implements TrainingListener {
    private final int steps;
    private int taken;
    private TrainingRun run;

    StopAfter(int steps) {
      this.steps = steps;
    }

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      if (++taken == steps) {
        run.stop();
      }
    }
  }
}
