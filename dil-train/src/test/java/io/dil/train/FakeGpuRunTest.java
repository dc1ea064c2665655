package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs on GPUs that compute nothing (see FakeCuda): saved, resumed, merged, shared. */
@Tag("fakegpu")
class FakeGpuRunTest {
  @TempDir Path folder;

  @BeforeEach
  void standIn() {
    FakeCuda.require();
  }

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.put("max_steps", 4);
    settings.put("save_steps", 2);
    return settings;
  }

  private static Map<String, Object> with(Map<String, Object> settings, String words) {
    Map<String, Object> all = new HashMap<>(settings);
    for (String word : words.isEmpty() ? new String[0] : words.split(" ")) {
      String[] pair = word.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "device=cuda",
    "device=cuda bf16=false",
    "device=cuda pure_bf16=true",
    "device=cuda use_peft=true merge_adapter=true",
    "device=cuda use_peft=true bf16=false",
    "device=cuda loss_type=kto",
    "device=cuda loss_type=sft",
    "device=cuda precompute_ref_log_probs=true",
    "device=cuda offload_reference=true",
    "device=cuda offload_optimizer=true",
    "device=cuda offload_optimizer=true bf16=false",
    "device=cuda optim=adamw_8bit gradient_dtype=bfloat16",
    "device=cuda gradient_checkpointing=true share_prompts=false",
    "device=cuda loss_type=reward-bt report_generations=0",
    "device=cuda loss_type=reward-bt report_generations=0 use_peft=true merge_adapter=true",
    "devices=4 loss_type=reward-bt report_generations=0",
    "devices=2 zero_stage=3 loss_type=reward-bt report_generations=0",
    "devices=4",
    "devices=2 bf16=false",
    "devices=4 zero_stage=3",
    "devices=4 zero_stage=3 optim=adamw_8bit",
    "devices=4 use_peft=true merge_adapter=true",
    "devices=4 zero_stage=3 use_peft=true merge_adapter=true",
    "devices=4 loss_type=kto",
    "devices=4 precompute_ref_log_probs=true"
  })
  void runsAreSavedStoppedAndResumed(String words) throws IOException {
    Map<String, Object> settings = with(settings("out"), words);
    TrainingRun.Outcome outcome;
    int parts = 0;
    do {
      StopAfter stop = new StopAfter();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      outcome = stop.run.run().outcome();
      parts++;
    } while (outcome == TrainingRun.Outcome.STOPPED && parts < 4);
    assertEquals(TrainingRun.Outcome.FINISHED, outcome);
    assertEquals(2, parts);
    assertTrue(Files.exists(folder.resolve("out/manifest.json")));
  }

  @Test
  void aRunGoesOnOnAnotherNumberOfCards() throws IOException {
    String[] devices = {"4", "2", "1"};
    TrainingRun.Outcome outcome;
    int parts = 0;
    do {
      Map<String, Object> settings = with(settings("out"), "devices=" + devices[parts]);
      StopAfter stop = new StopAfter();
      stop.run = new TrainingRun(TrainingConfig.of(settings), stop);
      outcome = stop.run.run().outcome();
      parts++;
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertEquals(2, parts);
  }

  @Test
  void moreCardsThanThereAreAreRefused() throws IOException {
    Map<String, Object> settings = with(settings("out"), "devices=8");
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("devices must be 1 to 4"), error::getMessage);
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  /** Stops a run after three steps. */
  private static final class StopAfter implements TrainingListener {
    private TrainingRun run;
    private int steps;

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      if (++steps == 3) {
        run.stop();
      }
    }
  }
}
