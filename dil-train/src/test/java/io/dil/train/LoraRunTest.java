package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.train.cli.Dil;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs that train an adapter. */
class LoraRunTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dpo", "simpo", "kto"})
  void theLossFallsAndTheModelStaysAsItWas(String loss) throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("loss_type", loss);
    Path model = folder.resolve("input/model/model.safetensors");
    byte[] before = Files.readAllBytes(model);
    QuickRun.run(settings);
    assertArrayEquals(before, Files.readAllBytes(model));
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    double first = rows.get(0).get("loss");
    double last = (rows.get(10).get("loss") + rows.get(11).get("loss")) / 2;
    assertTrue(last < first - 1e-3, () -> loss + " " + rows);
    assertFalse(Files.exists(folder.resolve("run/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("run/tokenizer.json")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stoppedRunsGoOnBitForBit(boolean bf16) throws IOException {
    Map<String, Object> settings = settings("whole");
    settings.put("bf16", bf16);
    settings.put("lora_dropout", 0.1);
    QuickRun.run(settings);
    settings.put("output_dir", folder.resolve("parts").toString());
    int parts = 0;
    TrainingRun.Outcome outcome;
    do {
      outcome = QuickRun.part(settings, 5);
      parts++;
      Path checkpoint = folder.resolve("parts/checkpoint-5");
      assertFalse(Files.exists(checkpoint.resolve("model.safetensors")));
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertEquals(3, parts);
    for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
      same("whole", "parts", file);
    }
    same("whole", "parts", "metrics.jsonl");
  }

  @Test
  void anAdapterGoesOnWithItsDropoutUnlessAnotherIsGiven() throws IOException {
    Map<String, Object> first = settings("first");
    first.put("lora_dropout", 0.25);
    first.put("max_steps", 2);
    QuickRun.run(first);
    Map<String, Object> settings = settings("own");
    List.of("lora_r", "lora_alpha", "lora_target_modules").forEach(settings::remove);
    settings.put("adapter_name_or_path", folder.resolve("first").toString());
    settings.put("max_steps", 2);
    QuickRun.run(settings);
    assertEquals(0.25, dropout("own"));
    settings.put("output_dir", folder.resolve("given").toString());
    settings.put("lora_dropout", 0);
    QuickRun.run(settings);
    assertEquals(0, dropout("given"));
    settings.put("output_dir", folder.resolve("same").toString());
    settings.put("lora_dropout", 0.25);
    QuickRun.run(settings);
    same("own", "same", "adapter_model.safetensors");
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(folder.resolve("own/adapter_model.safetensors")),
            Files.readAllBytes(folder.resolve("given/adapter_model.safetensors"))));
  }

  private double dropout(String run) {
    return AdapterConfig.read(folder.resolve(run)).lora().dropout();
  }

  @Test
  void anAdapterGoesOnAndItsStartIsTheReference() throws IOException {
    QuickRun.run(settings("first"));
    Map<String, Object> settings = settings("second");
    List.of("lora_r", "lora_alpha", "lora_target_modules").forEach(settings::remove);
    settings.put("adapter_name_or_path", folder.resolve("first").toString());
    settings.put("loss_type", "dpo");
    QuickRun.run(settings);
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("second/metrics.jsonl"));
    // At the start policy and reference are the same adapter: beta * 0, and -log(sigmoid(0)).
    assertEquals(0, rows.get(0).get("rewards/chosen"), 1e-6);
    assertEquals(0, rows.get(0).get("rewards/rejected"), 1e-6);
    assertEquals(Math.log(2), rows.get(0).get("loss"), 1e-6);
    // The adapter's start is not the base: the first run moved the chosen log-probability.
    List<Map<String, Double>> fresh = MetricsFile.read(folder.resolve("first/metrics.jsonl"));
    assertTrue(Math.abs(fresh.get(0).get("logps/chosen") - rows.get(0).get("logps/chosen")) > 0.1);
    assertTrue(rows.get(11).get("loss") < Math.log(2));

    settings.put("precompute_ref_log_probs", true);
    settings.put("output_dir", folder.resolve("cached").toString());
    QuickRun.run(settings);
    same("second", "cached", "adapter_model.safetensors");
  }

  @Test
  void mergedByTheRunAndByTheCommand() throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("merge_adapter", true);
    QuickRun.run(settings);
    Path model = folder.resolve("input/model");
    assertEquals(
        0,
        Dil.run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            folder.resolve("run").toString(),
            "--out",
            folder.resolve("by-command").toString()));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("run/merged/model.safetensors")),
        Files.readAllBytes(folder.resolve("by-command/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("by-command/tokenizer.json")));
    List<TokenGroup> groups =
        List.of(new TokenGroup(Tokens.of(1, 3, 17), List.of(Tokens.of(9, 12, 5, 2))));
    try (DecoderLm merged = load(folder.resolve("by-command"));
        DecoderLm base = load(model);
        DecoderLm adapted = base.with(AdapterFolder.read(folder.resolve("run"), base).changes())) {
      assertEquals(
          merged.score(groups, ComputeOptions.DEFAULT)[0],
          adapted.score(groups, ComputeOptions.DEFAULT)[0],
          1e-5);
    }
    assertEquals(
        0,
        Dil.run("generate", "--model", folder.resolve("run").toString(), "--prompt", "ask mira"));
  }

  @Test
  void settingsThatWouldBeIgnored() throws IOException {
    refuses(Map.of("use_peft", false), "lora_r would be ignored: use_peft is not set");
    refuses(
        Map.of("adapter_name_or_path", folder.resolve("x").toString()),
        "the adapter that training goes on from says");
    refuses(Map.of("lora_dropout", 1), "lora_dropout must be a number in [0.0, 0.99], got '1'");
    refuses(
        Map.of("use_peft", false, "lora_r", 16, "lora_dropout", 0.05),
        "would be ignored: use_peft is not set");
    refuses(
        Map.of("lora_target_modules", List.of("q_proj", "vproj")),
        "one of [down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj], got 'vproj'");
  }

  private void refuses(Map<String, Object> changes, String says) throws IOException {
    Map<String, Object> settings = settings("refused");
    settings.putAll(changes);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains(says), error::getMessage);
  }

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = new HashMap<>(QuickRun.settings(folder, output));
    settings.put("use_peft", true);
    settings.put("lora_r", 4);
    settings.put("lora_alpha", 8);
    settings.put("lora_target_modules", "all-linear");
    settings.put("learning_rate", 5e-3);
    return settings;
  }

  private void same(String one, String other, String file) throws IOException {
    QuickRun.assertSame(folder, one, other, file);
  }

  private static DecoderLm load(Path folder) {
    return DecoderLm.load(ModelFolder.open(folder), Device.cpu(), Precision.FLOAT32);
  }
}
