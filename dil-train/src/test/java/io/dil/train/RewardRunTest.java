package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.train.cli.Dil;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
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

/** Whole runs that train a reward model. */
class RewardRunTest {
  @TempDir Path folder;

  private Map<String, Object> settings(String output, boolean adapter) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.remove("report_generations");
    settings.remove("report_max_new_tokens");
    settings.put("loss_type", "reward-bt");
    settings.put("center_rewards_coefficient", 0.01);
    settings.put("eval_holdout", 0.2);
    if (adapter) {
      settings.put("use_peft", true);
      settings.put("lora_dropout", 0.1);
      settings.put("learning_rate", 1e-2);
    }
    return settings;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRewardModelIsTrainedWrittenAndScoredWith(boolean adapter) throws IOException {
    Map<String, Object> settings = settings("run", adapter);
    settings.put("max_steps", 30);
    if (adapter) {
      settings.put("merge_adapter", true);
    }
    QuickRun.run(settings);
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    List<Map<String, Double>> evaluations =
        rows.stream().filter(row -> row.containsKey("eval_loss")).toList();
    Map<String, Double> first = evaluations.get(0);
    Map<String, Double> last = evaluations.get(evaluations.size() - 1);
    assertTrue(last.get("eval_loss") < first.get("eval_loss") - 0.1, () -> first + " " + last);
    assertTrue(last.get("eval_rewards/accuracies") > 0.8, () -> "" + last);
    for (String name :
        List.of(
            "rewards/probability",
            "rewards/calibration_error",
            "rewards/accuracies_of_length",
            "rewards/margins",
            "pairs")) {
      assertTrue(last.containsKey("eval_" + name), () -> name + " in " + last);
    }
    assertTrue(rows.stream().flatMap(row -> row.keySet().stream()).noneMatch(this::isLogp));
    double counted = 0;
    for (String length : List.of("shorter", "similar", "longer")) {
      counted += last.getOrDefault("eval_pairs_" + length, 0.0);
    }
    assertEquals(last.get("eval_pairs"), counted);

    String report = Files.readString(folder.resolve("run/report.html"));
    assertTrue(report.contains("Calibration error"));
    assertTrue(report.contains("Accuracy of length"));
    String card = Files.readString(folder.resolve("run/README.md"));
    assertTrue(card.contains("pipeline_tag: text-classification"), card);
    assertTrue(card.contains("- \"reward-model\""), card);

    List<JsonNode> scores = rewards(folder.resolve("run"), adapter);
    assertEquals(6, scores.size());
    int right = 0;
    for (JsonNode line : scores) {
      double chosen = line.path("chosen").path("reward").asDouble(Double.NaN);
      right += chosen > line.path("rejected").path("reward").asDouble(Double.NaN) ? 1 : 0;
    }
    assertTrue(right >= 5, scores::toString);
    if (adapter) {
      assertFalse(Files.exists(folder.resolve("run/model.safetensors")));
      assertTrue(
          Files.readString(folder.resolve("run/adapter_config.json")).contains("\"SEQ_CLS\""));
      close(scores, rewards(folder.resolve("run/merged"), false));
      Path out = folder.resolve("own-merge");
      assertEquals(
          0,
          Dil.run(
              "merge",
              "--model",
              folder.resolve("input/model").toString(),
              "--adapter",
              folder.resolve("run").toString(),
              "--out",
              out.toString()));
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("run/merged/model.safetensors")),
          Files.readAllBytes(out.resolve("model.safetensors")));
      assertEquals(
          ModelFolder.json(folder.resolve("run/merged/config.json")),
          ModelFolder.json(out.resolve("config.json")));
    }
  }

  private boolean isLogp(String name) {
    return name.contains("logps");
  }

  private static void close(List<JsonNode> some, List<JsonNode> others) {
    for (int i = 0; i < some.size(); i++) {
      for (String side : List.of("chosen", "rejected")) {
        assertEquals(
            some.get(i).path(side).path("reward").asDouble(),
            others.get(i).path(side).path("reward").asDouble(Double.NaN),
            1e-4);
      }
    }
  }

  private List<JsonNode> rewards(Path model, boolean adapter) throws IOException {
    return score(
        adapter ? folder.resolve("input/model") : model,
        "pairs:" + folder.resolve("input/pairs.jsonl"),
        adapter ? List.of("--adapter", model.toString()) : List.of());
  }

  private List<JsonNode> score(Path model, String data, List<String> more) throws IOException {
    Path out = folder.resolve("scores.jsonl");
    List<String> words = new ArrayList<>(List.of("score", "--rewards", "--model", "" + model));
    words.addAll(List.of("--data", data, "--limit", "6", "--out", out.toString()));
    words.addAll(more);
    assertEquals(0, Dil.run(words.toArray(String[]::new)));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void trainingGoesOnFromARewardModelAndSingleAnswersAreScored() throws IOException {
    Map<String, Object> settings = settings("run", false);
    QuickRun.run(settings);
    Map<String, Object> more = settings("more", false);
    more.put("model_name_or_path", folder.resolve("run").toString());
    more.put("learning_rate", 0);
    QuickRun.run(more);
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("run/model.safetensors")),
        Files.readAllBytes(folder.resolve("more/model.safetensors")));
    Path single = folder.resolve("single.jsonl");
    JsonNode pair =
        new ObjectMapper().readTree(Files.readAllLines(folder.resolve("input/pairs.jsonl")).get(0));
    Files.writeString(
        single,
        new ObjectMapper()
            .createObjectNode()
            .put("prompt", pair.path("prompt").asText())
            .put("completion", pair.path("chosen").asText())
            .toString());
    JsonNode alone = score(folder.resolve("run"), "sft:" + single, List.of()).get(0);
    JsonNode both = rewards(folder.resolve("run"), false).get(0);
    assertEquals(
        both.path("chosen").path("reward").asDouble(),
        alone.path("response").path("reward").asDouble(),
        1e-5);
  }

  @Test
  void trainingGoesOnFromAnAdapterWithItsHead() throws IOException {
    QuickRun.run(settings("run", true));
    Map<String, Object> more = settings("more", true);
    more.put("adapter_name_or_path", folder.resolve("run").toString());
    more.put("learning_rate", 0);
    QuickRun.run(more);
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("run/adapter_model.safetensors")),
        Files.readAllBytes(folder.resolve("more/adapter_model.safetensors")));
    // An adapter of a language model has no head to go on from.
    Map<String, Object> text = QuickRun.settings(folder, "text");
    text.put("use_peft", true);
    text.put("max_steps", 1);
    QuickRun.run(text);
    more = settings("other", true);
    more.put("adapter_name_or_path", folder.resolve("text").toString());
    refused(
        more, "adapter is one of a language model, and the model that it is put on is a reward");
    Map<String, Object> dpo = QuickRun.settings(folder, "other");
    dpo.put("use_peft", true);
    dpo.put("loss_type", "dpo");
    dpo.put("adapter_name_or_path", folder.resolve("run").toString());
    refused(dpo, "adapter is one of a reward model, and the model that it is put on is a language");
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void stoppedRunsGoOnBitForBit(boolean adapter, boolean bf16) throws IOException {
    Map<String, Object> whole = settings("whole", adapter);
    whole.put("bf16", bf16);
    QuickRun.run(whole);
    Map<String, Object> settings = settings("parts", adapter);
    settings.put("bf16", bf16);
    int parts = 0;
    TrainingRun.Outcome outcome;
    do {
      outcome = QuickRun.part(settings, 5);
      parts++;
    } while (outcome == TrainingRun.Outcome.STOPPED);
    assertEquals(3, parts);
    String weights = adapter ? "adapter_model.safetensors" : "model.safetensors";
    QuickRun.assertSame(folder, "whole", "parts", weights, "metrics.jsonl");
  }

  @Test
  void aKilledRunGoesOnBitForBit() throws IOException, InterruptedException {
    Map<String, Object> settings = settings("whole", false);
    settings.put("save_steps", 4);
    QuickRun.run(settings);
    Path killed = folder.resolve("killed");
    settings.put("output_dir", killed.toString());
    DilProcess.killAt("checkpoint-4", settings, folder.resolve("log"));
    QuickRun.run(settings);
    QuickRun.assertSame(folder, "whole", "killed", "model.safetensors", "metrics.jsonl");
  }

  @Test
  void marginsOfTheDataAreTakenAndBadOnesRefused() throws IOException {
    Map<String, Object> settings = settings("plain", false);
    settings.put("max_steps", 1);
    settings.remove("center_rewards_coefficient");
    QuickRun.run(settings);
    Path pairs = folder.resolve("input/pairs.jsonl");
    List<String> lines = Files.readAllLines(pairs);
    Files.write(
        pairs, lines.stream().map(line -> line.replaceFirst("\\{", "{\"margin\": 3, ")).toList());
    Map<String, Object> wide = settings("wide", false);
    wide.put("max_steps", 1);
    wide.remove("center_rewards_coefficient");
    QuickRun.run(wide);
    double plain = MetricsFile.read(folder.resolve("plain/metrics.jsonl")).get(1).get("loss");
    double margin = MetricsFile.read(folder.resolve("wide/metrics.jsonl")).get(1).get("loss");
    // Rewards of a drawn head are near 0: the losses are near log 2 and log(1 + e^3).
    assertEquals(Math.log(2), plain, 0.1);
    assertEquals(Math.log1p(Math.exp(3)), margin, 0.3);
    Files.write(
        pairs,
        lines.stream().map(line -> line.replaceFirst("\\{", "{\"margin\": \"x\", ")).toList());
    refused(settings("bad", false), "column 'margin' must be a number, got string x");
    // Other losses do not look at the column.
    Map<String, Object> dpo = settings("dpo", false);
    dpo.put("loss_type", "dpo");
    dpo.put("max_steps", 1);
    dpo.remove("center_rewards_coefficient");
    QuickRun.run(dpo);
  }

  @Test
  void whatARewardModelCannotDoIsRefused() throws IOException {
    Map<String, Object> settings = settings("run", false);
    settings.put("max_steps", 1);
    QuickRun.run(settings);
    String model = folder.resolve("run").toString();
    for (String loss : List.of("dpo", "dil-lsif", "sft", "kto")) {
      Map<String, Object> other = QuickRun.settings(folder, "other");
      other.put("loss_type", loss);
      other.put("model_name_or_path", model);
      refused(other, "is a reward model, which gives rewards and no probabilities");
    }
    Map<String, Object> reference = QuickRun.settings(folder, "other");
    reference.put("ref_model_name_or_path", model);
    refused(reference, "is a reward model, which gives rewards and no probabilities");
    Map<String, Object> wrong = settings("other", false);
    wrong.put("eval_tasks", "arc_challenge");
    refused(wrong, "eval_tasks would be ignored: a reward model writes no text");
    wrong = settings("other", false);
    wrong.put("report_generations", 2);
    refused(wrong, "report_generations would be ignored: a reward model writes no text");
    wrong = settings("other", false);
    wrong.put("reduction", "mean");
    refused(wrong, "reduction must be sum, since a response has one reward");
    wrong = settings("other", false);
    wrong.put("ref_model_name_or_path", model);
    refused(
        wrong, "ref_model_name_or_path would be ignored: loss_type reward-bt needs no reference");
    assertTrue(Files.notExists(folder.resolve("other")));

    String data = "pairs:" + folder.resolve("input/pairs.jsonl");
    assertEquals(2, Dil.run("generate", "--model", model, "--prompt", "a"));
    assertEquals(2, Dil.run("score", "--model", model, "--data", data));
    String text = folder.resolve("input/model").toString();
    assertEquals(2, Dil.run("score", "--rewards", "--model", text, "--data", data));
    assertEquals(2, Dil.run("score", "--rewards", "--per-token", "--model", model, "--data", data));
    Path config = folder.resolve("run/config.json");
    String json = Files.readString(config);
    Files.writeString(
        config, json.replaceFirst("\"0\" : \"LABEL_0\"", "\"0\" : \"a\", \"1\" : \"b\""));
    refusedAsStart(model, "a reward model must have num_labels 1");
    Files.writeString(config, json);
    // A tokenizer of another vocabulary.
    Path tokenizer = folder.resolve("run/tokenizer.json");
    JsonNode other = new ObjectMapper().readTree(Files.readString(tokenizer));
    ((com.fasterxml.jackson.databind.node.ObjectNode) other.path("model").path("vocab"))
        .put("qqqq", 4000);
    Files.writeString(tokenizer, other.toString());
    refusedAsStart(model, "tokenizer must fit the model's vocabulary of 65 tokens");
  }

  private void refusedAsStart(String model, String part) throws IOException {
    Map<String, Object> settings = settings("other", false);
    settings.put("model_name_or_path", model);
    refused(settings, part);
  }

  private static void refused(Map<String, Object> settings, String part) {
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
