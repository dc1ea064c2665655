package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.losses.LossDescription;
import io.dil.losses.Reduction;
import io.dil.losses.Sft;
import io.dil.train.config.TrainingConfig;
import io.dil.train.pair.AnswerReward;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs that train on the policy's own answers. */
class OnPolicyRunTest {
  private static final Set<String> POLITE =
      Set.of("please", "dear", "may", "could", "would", "kindly", "thank");

  /** Counts the polite words of an answer. */
  private static final AnswerReward POLITENESS =
      (prompt, answer) -> Stream.of(answer.split("\\s+")).filter(POLITE::contains).count();

  @TempDir Path folder;

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.put("on_policy", true);
    settings.put("on_policy_generations", 3);
    settings.put("max_new_tokens", 16);
    settings.put("report_generations", 0);
    settings.remove("report_max_new_tokens");
    return settings;
  }

  private static TrainingRun.Outcome run(Map<String, Object> settings, AnswerReward reward) {
    return new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE)
        .withReward(reward)
        .run()
        .outcome();
  }

  private List<Map<String, Double>> rows(String output) throws IOException {
    return MetricsFile.read(folder.resolve(output).resolve("metrics.jsonl"));
  }

  @Test
  void aRuleRaisesItsRewardAndEverySamplingIsMeasured() throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("max_steps", 24);
    settings.put("on_policy_refresh", 2);
    run(settings, POLITENESS);
    List<Map<String, Double>> rows = rows("run");
    assertEquals(24, rows.size());
    for (int i = 0; i < 24; i++) {
      assertEquals(i % 2 == 0, rows.get(i).containsKey("on_policy/reward"), "step " + (i + 1));
    }
    Map<String, Double> first = rows.get(0);
    Map<String, Double> last = rows.get(22);
    assertTrue(last.get("on_policy/reward") > first.get("on_policy/reward") + 0.4, () -> "" + last);
    // The policy is its reference when it begins.
    assertEquals(0, first.get("on_policy/kl"), 1e-4);
    assertTrue(last.get("on_policy/kl") > 0.1, () -> "" + last);
    assertTrue(first.get("on_policy/prompts") >= 16, () -> "" + first);
    for (String name : List.of("no_pair", "cut", "distinct_1", "distinct_2")) {
      double share = last.get("on_policy/" + name);
      assertTrue(share >= 0 && share <= 1, () -> name + " in " + last);
    }
    assertTrue(first.get("on_policy/tokens") > 3 && first.get("on_policy/tokens") <= 16);
    assertTrue(first.get("on_policy/reward_std") > 0.2);
    assertTrue(Files.readString(folder.resolve("run/report.html")).contains("on_policy/kl"));
    String card = Files.readString(folder.resolve("run/README.md"));
    assertTrue(card.contains("| `on_policy_rule` | best-worst |"), card);
  }

  @ParameterizedTest
  @CsvSource({"1, 4, false", "4, 3, false", "4, 4, false", "3, 2, true"})
  void stoppedRunsGoOnBitForBit(int refresh, int stopAfter, boolean adapter) throws IOException {
    Map<String, Object> settings = settings("whole");
    settings.put("max_steps", 9);
    settings.put("on_policy_refresh", refresh);
    settings.put("on_policy_rule", "best-random");
    if (adapter) {
      settings.put("use_peft", true);
      settings.put("learning_rate", 1e-2);
    } else {
      settings.put("sync_ref_model", true);
      settings.put("ref_model_sync_steps", 2);
    }
    run(settings, POLITENESS);
    settings.put("output_dir", folder.resolve("parts").toString());
    int parts = 0;
    int kept = 0;
    TrainingRun.Outcome outcome;
    do {
      outcome = QuickRun.part(settings, stopAfter, run -> run.withReward(POLITENESS));
      parts++;
      long at = (long) parts * stopAfter;
      if (outcome == TrainingRun.Outcome.STOPPED) {
        kept += RunFolder.state(folder.resolve("parts/checkpoint-" + at)).pending().size();
      }
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertTrue(parts >= 3);
    assertEquals(stopAfter % refresh != 0, kept > 0, "pairs in the checkpoints: " + kept);
    QuickRun.assertSame(
        folder,
        "whole",
        "parts",
        adapter ? "adapter_model.safetensors" : "model.safetensors",
        "metrics.jsonl");
  }

  @Test
  void aKilledRunGoesOnBitForBit() throws IOException, InterruptedException {
    Map<String, Object> reward = QuickRun.settings(folder, "reward");
    reward.remove("report_generations");
    reward.remove("report_max_new_tokens");
    reward.put("loss_type", "reward-bt");
    QuickRun.run(reward);
    Map<String, Object> settings = settings("whole");
    settings.put("on_policy_reward", folder.resolve("reward").toString());
    settings.put("on_policy_refresh", 3);
    settings.put("sync_ref_model", true);
    settings.put("ref_model_sync_steps", 3);
    settings.put("save_steps", 4);
    QuickRun.run(settings);
    Path killed = folder.resolve("killed");
    settings.put("output_dir", killed.toString());
    DilProcess.killAt("checkpoint-4", settings, folder.resolve("log"));
    QuickRun.run(settings);
    QuickRun.assertSame(folder, "whole", "killed", "model.safetensors", "metrics.jsonl");
  }

  @Test
  void aRewardModelOfAnotherVocabularyGivesTheRewards() throws IOException {
    Map<String, Object> reward = QuickRun.settings(folder, "reward");
    reward.remove("report_generations");
    reward.remove("report_max_new_tokens");
    reward.put("loss_type", "reward-bt");
    reward.put("model_name_or_path", Assets.require("models/stories260K-hf").toString());
    reward.put("max_steps", 2);
    QuickRun.run(reward);
    Map<String, Object> settings = settings("run");
    settings.put("on_policy_reward", folder.resolve("reward").toString());
    settings.put("loss_type", "dpo");
    settings.put("max_steps", 2);
    settings.remove("max_length");
    settings.put("num_train_epochs", 0.02);
    settings.remove("max_steps");
    QuickRun.run(settings);
    List<Map<String, Double>> rows = rows("run");
    // 1 200 prompts in steps of 8, a fiftieth of them.
    assertEquals(3, rows.size());
    assertTrue(rows.get(2).get("epoch") >= 0.02, rows::toString);
    assertTrue(Double.isFinite(rows.get(2).get("on_policy/reward")), rows::toString);
    assertTrue(rows.get(0).get("on_policy/reward_std") > 0, rows::toString);
  }

  @Test
  void whatCannotBeDoneIsRefusedInALine() throws IOException {
    refused(
        set("max_steps", 2),
        (prompt, answer) -> 1,
        "the policy's answers must give at least 1 pair, got 0 from 64 prompts: ");
    refused(set("max_steps", 2), (prompt, answer) -> 1, " with equal rewards; look at the reward");
    refused(
        set("max_steps", 2),
        (prompt, answer) -> prompt.contains("ask") ? Double.NaN : 0,
        "reward must be finite, got NaN for an answer to 'ask ");
    refused(set("on_policy_generations", 1), "on_policy_generations must be an integer >= 2");
    refused(set("temperature", 0), "temperature must be above 0: greedy answers");
    refused(set("max_new_tokens", 64), "max_new_tokens must be below max_length, got 64 and 64");
    refused(set("loss_type", "sft"), "loss_type sft does not take");
    refused(set("loss_type", "reward-bt"), "loss_type reward-bt does not take");
    refused(set("dataset_name", null), "dataset_name must have a value");
    refused(set("precompute_ref_log_probs", true), "precompute_ref_log_probs would be ignored");
    refused(set("on_policy_rule", "worst"), "one of [best-worst, best-random]");
    Map<String, Object> without = set("on_policy", false);
    without.remove("max_new_tokens");
    refused(without, "on_policy_generations would be ignored: on_policy is not set");
    refused(set("devices", "cpux2"), POLITENESS, "on_policy takes one device, got 2");
    Path texts = folder.resolve("texts.jsonl");
    Files.writeString(texts, "{\"text\": \"ask\"}\n");
    refused(
        set("dataset_name", "text:" + texts),
        POLITENESS,
        "data must give at least one prompt an epoch, got none; dropped: {empty_prompt=1}");

    String text = folder.resolve("input/model").toString();
    refused(set("on_policy_reward", text), text + " is no reward model");
    refused(set("max_steps", 1), "on_policy needs a reward: set on_policy_reward");
    Map<String, Object> adapter = QuickRun.settings(folder, "adapter");
    adapter.put("use_peft", true);
    adapter.put("max_steps", 1);
    QuickRun.run(adapter);
    String low = folder.resolve("adapter").toString();
    refused(set("on_policy_reward", low), low + " is an adapter without a reward head");

    Map<String, Object> both = settings("other");
    both.put("on_policy_reward", text);
    assertRefused(() -> run(both, POLITENESS), "on_policy_reward would be ignored");
    Map<String, Object> off = QuickRun.settings(folder, "other");
    assertRefused(() -> run(off, POLITENESS), "the reward would be ignored: on_policy is not set");
    Map<String, Object> own = settings("other");
    assertRefused(
        () ->
            new TrainingRun(TrainingConfig.of(own))
                .withLoss(new Sft(Reduction.MEAN), LossDescription.unnamed()),
        "which the loss does not take");

    Map<String, Object> sync = set("sync_ref_model", true);
    sync.put("use_peft", true);
    refused(sync, "sync_ref_model needs a reference with weights of its own");
    refused(set("ref_model_sync_steps", 3), "would be ignored: sync_ref_model is not set");
    sync = set("sync_ref_model", true);
    sync.put("loss_type", "simpo");
    refused(sync, "sync_ref_model would be ignored: loss_type simpo needs no reference");
    assertFalse(Files.exists(folder.resolve("other")));
  }

  private Map<String, Object> set(String key, Object value) throws IOException {
    Map<String, Object> settings = settings("other");
    settings.put(key, value);
    return settings;
  }

  private static void refused(Map<String, Object> settings, String part) {
    assertRefused(() -> QuickRun.run(settings), part);
  }

  private static void refused(Map<String, Object> settings, AnswerReward reward, String part) {
    assertRefused(() -> run(settings, reward), part);
  }

  private static void assertRefused(Executable work, String part) {
    InputException error = assertThrows(InputException.class, work);
    assertTrue(error.getMessage().contains(part), error::getMessage);
    assertFalse(error.getMessage().contains("\n"), error::getMessage);
  }
}
