package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.train.cli.Dil;
import io.dil.train.run.MetricsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, and commands, on a model of no known family. */
class TracedRunTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "kto", "sft"})
  void theLossFallsAndTheModelIsWritten(String loss) throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("loss_type", loss);
    settings.put("gradient_checkpointing", loss.equals("kto") ? "true" : "auto");
    QuickRun.run(settings);
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    double first = rows.get(0).get("loss");
    double last = (rows.get(10).get("loss") + rows.get(11).get("loss")) / 2;
    assertTrue(last < first - 1e-3, () -> loss + " " + rows);
    for (String name : List.of("model.pt", "config.json", "tokenizer.json", "manifest.json")) {
      assertTrue(Files.exists(folder.resolve("run").resolve(name)), name);
    }
    String card = Files.readString(folder.resolve("run/README.md"));
    assertFalse(card.contains("library_name"), card);
    // What was written is what was trained: it scores otherwise than its start, and generates.
    double before = score("traced", 0);
    assertTrue(Math.abs(before - score("run", 0)) > 0.1);
    assertEquals(3, call(0, generate("run", "--trust-torchscript")).get(0).path("tokens").size());
  }

  @Test
  void stoppedRunsGoOnBitForBit() throws IOException {
    QuickRun.run(settings("whole"));
    Map<String, Object> settings = settings("parts");
    settings.put("precompute_ref_log_probs", true);
    int parts = 0;
    TrainingRun.Outcome outcome;
    do {
      outcome = QuickRun.part(settings, 5);
      parts++;
      assertTrue(Files.exists(folder.resolve("parts/checkpoint-5/model.pt")) == (parts == 1));
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertEquals(3, parts);
    QuickRun.assertSame(folder, "whole", "parts", "model.pt", "metrics.jsonl");
  }

  @Test
  void aRunRemovesWhatOneOfTheOtherKindLeft() throws IOException {
    Map<String, Object> family = QuickRun.settings(folder, "run");
    family.put("max_steps", 1);
    QuickRun.run(family);
    Map<String, Object> traced = settings("run");
    traced.put("max_steps", 1);
    traced.put("overwrite_output_dir", true);
    // A reference of a known family beside a policy of none.
    traced.put("ref_model_name_or_path", folder.resolve("input/model").toString());
    QuickRun.run(traced);
    assertFalse(Files.exists(folder.resolve("run/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("run/model.pt")));
    family.put("overwrite_output_dir", true);
    QuickRun.run(family);
    assertFalse(Files.exists(folder.resolve("run/model.pt")));
    assertTrue(Files.exists(folder.resolve("run/model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trust_torchscript|false|loading it runs it; if you trust its maker, set trust_torchscript=true",
        "use_peft|true|use_peft needs a model of a known family",
        "bf16|true|bf16 needs a model of a known family"
      })
  void refusedSettings(String key, String value, String says) throws IOException {
    Map<String, Object> settings = settings("refused");
    settings.put(key, value);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains(says), error::getMessage);
  }

  @Test
  void refusedOptions() throws IOException {
    settings("run");
    fails("loading it runs it", generate("traced"));
    fails("bf16 needs a model", generate("traced", "--trust-torchscript", "--bf16"));
    fails(
        "an adapter needs a model",
        generate("traced", "--trust-torchscript", "--adapter", folder.resolve("x").toString()));
  }

  private double score(String model, int row) {
    List<JsonNode> lines =
        call(
            0,
            "score",
            "--model",
            folder.resolve(model).toString(),
            "--trust-torchscript",
            "--data",
            "pairs:" + folder.resolve("input/pairs.jsonl"),
            "--limit",
            "2");
    assertEquals(2, lines.size());
    return lines.get(row).path("chosen").path("logp").asDouble();
  }

  private String[] generate(String model, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "generate",
                "--json",
                "--model",
                folder.resolve(model).toString(),
                "--prompt",
                "ask mira for tea :",
                "--max-new-tokens",
                "3"));
    words.addAll(List.of(more));
    return words.toArray(new String[0]);
  }

  private static List<JsonNode> call(int status, String... words) {
    PrintStream before = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertEquals(status, Dil.run(words));
    } finally {
      System.setOut(before);
    }
    return captured.toString(StandardCharsets.UTF_8).lines().map(TracedRunTest::json).toList();
  }

  private static JsonNode json(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  private static void fails(String says, String... words) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertEquals(2, Dil.run(words));
    } finally {
      System.setErr(before);
    }
    String line = captured.toString(StandardCharsets.UTF_8);
    assertTrue(line.startsWith("dil: ") && line.contains(says), line);
    assertEquals(1, line.lines().count(), line);
  }

  /** A traced GPT-2 whose 77 tokens are those of the quickstart's model. */
  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    Path traced = TracedFolder.unpack(folder.resolve("traced"));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.write(
          traced.resolve(name), Files.readAllBytes(folder.resolve("input/model").resolve(name)));
    }
    settings.put("model_name_or_path", traced.toString());
    settings.put("trust_torchscript", true);
    settings.put("learning_rate", 3e-3);
    return settings;
  }
}
