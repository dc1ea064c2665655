package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.train.quickstart.Quickstart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole sweep, each run in a process of its own, on the quickstart's model and pairs. */
class SweepCommandTest {
  @TempDir private Path folder;

  @Test
  void trainsComparesAndGoesOn() throws Exception {
    Path input = folder.resolve("input");
    Quickstart.unpack(input);
    List<String> pairs = Files.readAllLines(input.resolve("pairs.jsonl"));
    Files.write(folder.resolve("train.jsonl"), pairs.subList(0, 64));
    Files.write(folder.resolve("test.jsonl"), pairs.subList(64, 80));
    Files.writeString(
        folder.resolve("base.yaml"),
        """
        model_name_or_path: %s
        dataset_name: pairs:%s
        eval_holdout: 0.2
        max_steps: 2
        per_device_train_batch_size: 4
        max_length: 64
        report_generations: 0
        """
            .formatted(input.resolve("model"), folder.resolve("train.jsonl")));
    Path sweep = folder.resolve("sweep.yaml");
    Path output = folder.resolve("out");
    Files.writeString(
        sweep,
        """
        output_dir: %s
        base: %s
        methods:
          dil: {loss_type: dil-lsif, search: {learning_rate: [1e-3, 1e-1]}}
          lora: {loss_type: dpo, use_peft: true}
        metric: eval_logps/chosen_drift
        test_dataset: pairs:%s
        jobs: 2
        """
            .formatted(output, folder.resolve("base.yaml"), folder.resolve("test.jsonl")));

    assertEquals(Dil.OK, Dil.run("sweep", sweep.toString()));

    JsonNode table = new ObjectMapper().readTree(Files.readString(output.resolve("sweep.json")));
    JsonNode methods = table.path("methods");
    assertEquals(16, methods.path("dil").path("test").path("pairs").path("mean").asDouble());
    assertEquals(16, methods.path("lora").path("test").path("pairs").path("mean").asDouble());
    double worst = Double.POSITIVE_INFINITY;
    double best = Double.NEGATIVE_INFINITY;
    for (JsonNode run : table.path("runs")) {
      assertEquals("finished", run.path("state").asText());
      if (run.path("method").asText().equals("dil")) {
        double drift = run.path("evaluation").path("eval_logps/chosen_drift").asDouble();
        worst = Math.min(worst, drift);
        best = Math.max(best, drift);
      }
    }
    assertTrue(best > worst, "the two settings must differ");
    assertEquals(
        best,
        methods
            .path("dil")
            .path("evaluation")
            .path("eval_logps/chosen_drift")
            .path("mean")
            .asDouble());

    // One of the runs is lost: it alone is trained again, to the same bytes.
    Path lost = output.resolve("dil-learning_rate-0.1-seed-0");
    byte[] weights = Files.readAllBytes(lost.resolve("model.safetensors"));
    byte[] page = Files.readAllBytes(output.resolve("sweep.html"));
    Files.delete(lost.resolve("manifest.json"));
    Files.delete(lost.resolve("model.safetensors"));
    assertEquals(Dil.OK, Dil.run("sweep", sweep.toString()));
    assertArrayEquals(weights, Files.readAllBytes(lost.resolve("model.safetensors")));
    assertArrayEquals(page, Files.readAllBytes(output.resolve("sweep.html")));
  }
}
