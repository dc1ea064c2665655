package io.dil.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {
  @Test
  void textIsTakenForNumbersWhereNumbersAreWanted() {
    assertEquals(5e-7, config("learning_rate", "5e-7").get(Settings.LEARNING_RATE));
    assertEquals(3, config("seed", "3").get(Settings.SEED));
    assertThrows(InputException.class, () -> config("seed", "3.5"));
    assertThrows(InputException.class, () -> config("seed", "-1"));
    assertThrows(InputException.class, () -> config("bf16", "yes"));
  }

  @Test
  void parametersBelongToTheLoss() {
    Map<String, Object> settings = required();
    settings.put("loss_type", "sigmoid");
    settings.put("beta", "0.05");
    TrainingConfig config = TrainingConfig.of(settings);
    assertEquals("0.05", config.asText().get("beta"));
    assertEquals(Map.of("beta", "0.05"), config.lossParameters());
    settings.put("gamma", 1);
    InputException error = assertThrows(InputException.class, () -> TrainingConfig.of(settings));
    assertTrue(error.getMessage().contains("gamma is not used"), error::getMessage);
  }

  @Test
  void onGpuBfloat16IsTheDefaultAndNoMore() {
    TrainingConfig silent = TrainingConfig.of(required());
    assertEquals("false", silent.asText().get("bf16"));
    assertEquals("true", silent.on(true).shaping().get("bf16"));
    Map<String, Object> settings = required();
    settings.put("bf16", false);
    settings.put("loss_type", "dpo");
    settings.put("beta", 0.3);
    TrainingConfig said = TrainingConfig.of(settings);
    assertEquals(said.asText(), said.on(true).asText());
  }

  @Test
  void switchesAreSpelledAsTheyAreRead() {
    for (String value : List.of("true", "false", "auto")) {
      for (String key : List.of("share_prompts", "gradient_checkpointing")) {
        assertEquals(value, config(key, value).asText().get(key));
      }
    }
    assertThrows(InputException.class, () -> config("share_prompts", "never"));
  }

  @Test
  void nothingIsIgnored() {
    ignored("warmup_ratio", 0.2, "warmup_steps", 5);
    ignored("num_train_epochs", 2, "max_steps", 5);
    ignored("eval_steps", 5, "seed", 1);
    ignored("ref_model_name_or_path", "x", "loss_type", "simpo");
    ignored("precompute_ref_log_probs", true, "loss_type", "simpo");
    ignored("ref_cache_dir", "x", "seed", 1);
  }

  @Test
  void exactlyOneTrainingSet() {
    Map<String, Object> settings = required();
    settings.put("dataset_mixer", Map.of("hh:a", 1, "hh:b", 0.5));
    assertThrows(InputException.class, () -> TrainingConfig.of(settings));
    settings.remove("dataset_name");
    assertEquals(0.5, TrainingConfig.of(settings).get(Settings.DATASET_MIXER).get("hh:b"));
  }

  @Test
  void promptsTakeAtMostHalfOfAShortLength() {
    assertEquals(512, config("max_length", 2048).maxPromptLength());
    assertEquals(32, config("max_length", 64).maxPromptLength());
    assertThrows(InputException.class, () -> config("max_prompt_length", 1024));
  }

  @Test
  void whatShapesTheRunIsCompared() {
    Map<String, String> shaping = config("logging_steps", 3).shaping();
    assertTrue(shaping.containsKey("learning_rate"));
    assertFalse(shaping.containsKey("logging_steps"));
    assertFalse(shaping.containsKey("output_dir"));
  }

  @Test
  void everyKeyIsListedOnceWithHelp() {
    Set<String> names = new HashSet<>();
    for (Setting<?> setting : Settings.all()) {
      assertTrue(names.add(setting.name()), setting.name());
      assertFalse(setting.help().isBlank(), setting.name());
    }
  }

  private static void ignored(String key, Object value, String because, Object other) {
    Map<String, Object> settings = required();
    settings.put(key, value);
    settings.put(because, other);
    InputException error =
        assertThrows(InputException.class, () -> TrainingConfig.of(settings), key);
    assertTrue(error.getMessage().startsWith(key + " would be ignored"), error::getMessage);
  }

  private static TrainingConfig config(String key, Object value) {
    Map<String, Object> settings = required();
    settings.put(key, value);
    return TrainingConfig.of(settings);
  }

  private static Map<String, Object> required() {
    return new HashMap<>(
        Map.of("model_name_or_path", "m", "dataset_name", "hh:d", "output_dir", "o"));
  }
}
