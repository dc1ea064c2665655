package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The card says what the run did, in metadata that the hub reads. */
class ModelCardTest {
  @TempDir Path folder;

  @Test
  void ofARun() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 2);
    settings.put("eval_holdout", 0.1);
    settings.put("max_eval_samples", 4);
    QuickRun.run(settings);
    String card = Files.readString(folder.resolve("run/README.md"));
    assertEquals(
        Map.of(
            "library_name",
            "transformers",
            "base_model",
            "model",
            "base_model_relation",
            "finetune",
            "pipeline_tag",
            "text-generation",
            "tags",
            List.of("dil", "preference-training", "dil-lsif")),
        metadata(card));
    JsonNode manifest =
        new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("run/manifest.json")));
    for (String fact :
        List.of(
            manifest.path("data_sha256").asText(),
            "| `loss` | " + manifest.path("last_step").path("loss").asText() + " |",
            "| `eval_loss` | " + manifest.path("last_evaluation").path("eval_loss").asText() + " |",
            "| `learning_rate` | 0.001 |",
            "| `pytorch` | " + manifest.path("versions").path("pytorch").asText() + " |",
            "- pairs:pairs.jsonl\n",
            "examples seen: 16, ")) {
      assertTrue(card.contains(fact), () -> fact + " in " + card);
    }
    assertFalse(card.contains(folder.toString()), "no place on this machine");
  }

  @Test
  void ofAnAdapterAndItsMergedModel() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 1);
    settings.put("use_peft", true);
    settings.put("merge_adapter", true);
    QuickRun.run(settings);
    Map<?, ?> adapter = metadata(Files.readString(folder.resolve("run/README.md")));
    assertEquals("peft", adapter.get("library_name"));
    assertEquals("adapter", adapter.get("base_model_relation"));
    Map<?, ?> merged = metadata(Files.readString(folder.resolve("run/merged/README.md")));
    assertEquals("transformers", merged.get("library_name"));
  }

  @Test
  void namesOfTheHub() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    Path config = folder.resolve("input/model/config.json");
    Files.writeString(
        config,
        Files.readString(config).replaceFirst("\\{", "{\"_name_or_path\": \"org/tiny: 1\","));
    settings.put("dataset_name", "auto:hf://datasets/org/set@main/data/train.parquet");
    settings.put("loss_type", "dpo");
    ModelCard card = new ModelCard(TrainingConfig.of(settings), Map.of(), false);
    assertEquals(
        "model", metadata(card.text(ModelCard.Kind.MODEL)).get("base_model"), "no name of the hub");
    Files.writeString(config, Files.readString(config).replace("tiny: 1", "tiny"));
    assertEquals("org/tiny", metadata(card.text(ModelCard.Kind.MODEL)).get("base_model"));
    settings.put("model_name_or_path", "hf://other/model@v1");
    ModelCard fromHub = new ModelCard(TrainingConfig.of(settings), Map.of(), false);
    assertEquals("other/model", metadata(fromHub.text(ModelCard.Kind.MODEL)).get("base_model"));
    assertEquals(List.of("org/set"), metadata(card.text(ModelCard.Kind.MODEL)).get("datasets"));
  }

  private static Map<?, ?> metadata(String card) throws IOException {
    String[] parts = card.split("---\n", 3);
    assertEquals("", parts[0]);
    return new YAMLMapper().readValue(parts[1], Map.class);
  }
}
