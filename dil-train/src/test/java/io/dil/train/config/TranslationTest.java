package io.dil.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.Translation.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What other trainers' keys and values become. */
class TranslationTest {
  @Test
  void gammaIsTheRatioTimesBeta() {
    Map<String, String> text =
        config("loss_type", "simpo", "gamma_beta_ratio", 0.3, "beta", 10).asText();
    assertEquals(3, Double.parseDouble(text.get("gamma")), 1e-12);
    assertEquals("1", config("loss_type", "simpo", "gamma_beta_ratio", 0.5).asText().get("gamma"));
  }

  @Test
  void aFileThatNamesNoLossNeverTrainsAnother() {
    for (Map.Entry<String, String> sign :
        Map.of(
                "gamma_beta_ratio", "simpo",
                "cpo_alpha", "cpo",
                "desirable_weight", "kto",
                "center_rewards_coefficient", "reward-bt",
                "max_seq_length", "sft")
            .entrySet()) {
      List<String> problems = problems(sign.getKey(), 1);
      assertTrue(
          problems.stream().anyMatch(line -> line.contains("'loss_type: " + sign.getValue())),
          problems::toString);
    }
    assertTrue(
        problems("beta", 0.1, "push_to_hub", false).get(0).contains("loss_type must be set"));
    assertTrue(problems("report_to", "none").get(0).contains("loss_type must be set"));
    assertTrue(problems("beta", 0.1).get(0).contains("'loss_type: dpo'"));
    // Without a sign of another trainer the default stays.
    assertEquals("dil-lsif", config().asText().get("loss_type"));
  }

  @Test
  void defaultsOfTheOtherTrainerHold() {
    Map<String, String> silent = config("loss_type", "dpo", "report_to", "none").asText();
    assertEquals("linear", silent.get("lr_scheduler_type"));
    assertEquals("0.0", silent.get("warmup_ratio"));
    assertEquals("3.0", silent.get("num_train_epochs"));
    assertEquals("1.0E-6", silent.get("learning_rate"));
    assertEquals("1023", silent.get("max_prompt_length"));
    assertEquals(
        "2.0E-5", config("loss_type", "sft", "packing", false).asText().get("learning_rate"));
    Map<String, String> factory =
        config("stage", "dpo", "pref_loss", "ipo", "pref_beta", 0.2).asText();
    assertEquals("ipo", factory.get("loss_type"));
    assertEquals("0.2", factory.get("tau"));
    assertEquals("8", factory.get("lora_r"));
    assertEquals("16.0", factory.get("lora_alpha"));
    assertEquals("2048", factory.get("max_length"));
  }

  @Test
  void stepsThatAreSharesOfARun() {
    assertEquals(new Interval(0.5), config("save_steps", 0.5).get(Settings.SAVE_STEPS));
    assertEquals(5, new Interval(0.5).steps(10));
    assertEquals(4, new Interval(0.34).steps(10));
    assertEquals(7, new Interval(7).steps(10));
    assertEquals(0, new Interval(0).steps(10));
    assertThrows(InputException.class, () -> config("save_steps", 1.5));
    assertThrows(InputException.class, () -> config("save_steps", -1));
    Given settings = translated("loss_type", "sft", "max_steps", -1, "warmup_steps", 0.05);
    // Both are foreign values of keys that are ours; the file shows by another key whose it is.
    assertEquals(-1, settings.get("max_steps"));
    settings =
        translated(
            "loss_type",
            "sft",
            "max_steps",
            -1,
            "warmup_steps",
            0.05,
            "group_by_length",
            true,
            "save_strategy",
            "no",
            "save_steps",
            20,
            "eval_strategy",
            "no",
            "eval_steps",
            10);
    assertFalse(settings.has("max_steps"));
    assertFalse(settings.has("warmup_steps"));
    assertFalse(settings.has("eval_steps"));
    assertEquals(0.05, settings.get("warmup_ratio"));
    assertFalse(settings.has("save_steps"));
    assertEquals("no", settings.get("save_strategy"));
  }

  @Test
  void typesAndOptimisers() {
    assertEquals(true, translated("torch_dtype", "bfloat16").get("bf16"));
    assertEquals(false, translated("torch_dtype", "bfloat16", "bf16", false).get("bf16"));
    assertFalse(translated("dtype", "auto").has("bf16"));
    assertTrue(
        problems("loss_type", "dpo", "dtype", "float16")
            .get(0)
            .contains("dtype: float16 is refused"));
    assertEquals(
        "adamw_torch", translated("optim", "adamw_torch_fused", "log_level", "info").get("optim"));
    assertEquals(
        "adamw_8bit", translated("optim", "paged_adamw_8bit", "log_level", "info").get("optim"));
    assertEquals(
        "5e-7", translated("learning_rate", "5e-7", "log_level", "info").get("learning_rate"));
    assertEquals(5e-7, config("learning_rate", "5.0e-7").get(Settings.LEARNING_RATE));
  }

  @Test
  void lossesAsListsAndDivergences() {
    Map<String, String> mixed =
        config(
                "loss_type",
                List.of("sigmoid", "sft"),
                "loss_weights",
                List.of(0.8, 0.2),
                "fp16",
                false)
            .asText();
    assertEquals("dpo+sft", mixed.get("loss_type"));
    assertEquals("[0.8, 0.2]", mixed.get("loss_weights"));
    // As TRL averages it.
    assertEquals("tokens", mixed.get("sft.average_over"));
    assertEquals(
        "hinge",
        config("loss_type", List.of("hinge"), "loss_weights", List.of(1), "fp16", false)
            .asText()
            .get("loss_type"));
    Map<String, String> alpha =
        config(
                "loss_type",
                "sigmoid",
                "f_divergence_type",
                "alpha_divergence",
                "f_alpha_divergence_coef",
                0.75)
            .asText();
    assertEquals("f-dpo", alpha.get("loss_type"));
    assertEquals("alpha", alpha.get("divergence"));
    assertEquals(0.25, Double.parseDouble(alpha.get("alpha")), 1e-12);
    assertTrue(
        problems("loss_type", List.of("sigmoid", "kto"), "fp16", false)
            .get(0)
            .startsWith("loss_type"));
  }

  @Test
  void coursesOfTheRate() {
    TrainingConfig config =
        config(
            "lr_scheduler_type",
            "cosine_with_min_lr",
            "lr_scheduler_kwargs",
            Map.of("min_lr_rate", 0.1));
    assertEquals("{min_lr_rate=0.1}", config.shaping().get("lr_scheduler_kwargs"));
    assertTrue(
        problems("lr_scheduler_type", "reduce_lr_on_plateau").get(0).contains("known beforehand"));
    assertTrue(
        problems("lr_scheduler_type", "cosine_with_min_lr")
            .get(0)
            .contains("lr_scheduler_kwargs must have exactly one of min_lr and min_lr_rate"));
    assertTrue(
        problems("lr_scheduler_type", "linear", "lr_scheduler_kwargs", Map.of("power", 2))
            .get(0)
            .contains("which linear takes, got power"));
  }

  @Test
  void namesOfTheHub() {
    Given settings =
        translated(
            "model_name_or_path",
            "no-such-org/model",
            "model_revision",
            "refs/pr/1",
            "dataset_name",
            "no-such-org/data",
            "dataset_config",
            "en",
            "dataset_train_split",
            "train_prefs",
            "loss_type",
            "dpo",
            "eval_strategy",
            "steps",
            "eval_steps",
            5,
            "dataset_test_split",
            "test_prefs");
    assertEquals("hf://no-such-org/model@refs%2Fpr%2F1", settings.get("model_name_or_path"));
    String at = "auto:hf://datasets/no-such-org/data@refs%2Fconvert%2Fparquet/en/";
    assertEquals(at + "train_prefs/*.parquet", settings.get("dataset_name"));
    assertEquals(List.of(at + "test_prefs/*.parquet"), settings.get("eval_dataset_name"));
    Given mixer =
        translated(
            "dataset_mixer",
            Map.of("no-such-org/data", 1.0),
            "dataset_splits",
            List.of("train_sft", "test_sft"),
            "loss_type",
            "sft",
            "do_eval",
            true);
    String plain = "auto:hf://datasets/no-such-org/data@refs%2Fconvert%2Fparquet/default/";
    assertEquals(List.of(plain + "train_sft/*.parquet"), mixer.get("dataset_name"));
    assertEquals(List.of(plain + "test_sft/*.parquet"), mixer.get("eval_dataset_name"));
    assertTrue(
        problems("dataset_mixer", Map.of("a/b", 0.5), "loss_type", "sft")
            .get(0)
            .contains("shares"));
    // A mix of ours is what it was.
    Given ours = translated("dataset_mixer", Map.of("hh:a", 0.5));
    assertEquals(Map.of("hh:a", 0.5), ours.get("dataset_mixer"));
  }

  @Test
  void everythingWrongIsSaidAtOnceWithItsPlace() {
    Given given = new Given("f.yaml");
    given.put("model_name_or_path", "m", "f.yaml:1");
    given.put("dataset_name", "hh:d", "f.yaml:2");
    given.put("gradient_accumulation_stepz", 2, "f.yaml:4");
    given.put("learning_rate", "fast", "f.yaml:3");
    given.put("fp16", true, "f.yaml:5");
    given.put("loss_type", "dpo", "f.yaml:6");
    given.put("gamma", 1, "f.yaml:7");
    given.put("eval_steps", 5, "f.yaml:8");
    given.put("zzzzzzzzzzzzz", 5, "f.yaml:9");
    InputException error = assertThrows(InputException.class, () -> TrainingConfig.of(given));
    List<String> starts =
        List.of(
            "f.yaml: output_dir must be set",
            "f.yaml:3: learning_rate must be a number",
            "f.yaml:4: unknown key gradient_accumulation_stepz; the nearest is gradient_acc",
            "f.yaml:5: fp16: true is refused: float16 is not supported",
            "f.yaml:7: gamma is not used by loss_type dpo",
            "f.yaml:8: eval_steps would be ignored",
            "f.yaml:9: unknown key zzzzzzzzzzzzz; 'dil train --keys'");
    assertEquals(starts.size(), error.problems().size(), error::getMessage);
    for (int i = 0; i < starts.size(); i++) {
      assertTrue(error.problems().get(i).startsWith(starts.get(i)), error::getMessage);
    }
  }

  @Test
  void everyKeyIsFoundOnce() {
    Translation translation =
        Translation.of(
            given("loss_type", "dpo", "padding_free", true, "optim", "adamw_torch_fused"));
    Map<String, Verdict> verdicts = new LinkedHashMap<>();
    translation.findings().forEach(each -> verdicts.put(each.key(), each.verdict()));
    assertEquals(Verdict.USED, verdicts.get("loss_type"));
    assertEquals(Verdict.ALREADY, verdicts.get("padding_free"));
    assertEquals(Verdict.TRANSLATED, verdicts.get("optim"));
    assertEquals(Verdict.ADDED, verdicts.get("warmup_ratio"));
    assertEquals(verdicts.size(), translation.findings().size());
  }

  private static Given given(Object... pairs) {
    Given given = new Given("");
    given.put("model_name_or_path", "m", "");
    given.put("dataset_name", "hh:d", "");
    given.put("output_dir", "o", "");
    for (int i = 0; i < pairs.length; i += 2) {
      given.put(pairs[i].toString(), pairs[i + 1], "");
      if (pairs[i].equals("dataset_mixer")) {
        given.remove("dataset_name");
      }
    }
    return given;
  }

  private static Given translated(Object... pairs) {
    return Translation.of(given(pairs)).settings();
  }

  private static TrainingConfig config(Object... pairs) {
    return TrainingConfig.of(given(pairs));
  }

  private static List<String> problems(Object... pairs) {
    return assertThrows(InputException.class, () -> config(pairs)).problems();
  }
}
