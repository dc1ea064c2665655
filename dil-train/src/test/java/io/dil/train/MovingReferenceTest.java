package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reference that moves towards the policy, against the formula and its limits. */
class MovingReferenceTest {
  private static final float ALPHA = 0.3f;

  @TempDir Path folder;

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.put("report_generations", 0);
    settings.remove("report_max_new_tokens");
    settings.put("sync_ref_model", true);
    settings.put("ref_model_mixup_alpha", ALPHA);
    settings.put("ref_model_sync_steps", 2);
    settings.put("save_steps", 1);
    settings.put("save_total_limit", 9);
    settings.put("max_steps", 6);
    return settings;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itIsTheMixThatTheFormulaSays(boolean bf16) throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("bf16", bf16);
    QuickRun.run(settings);
    Map<String, float[]> expected =
        RanksTest.weights(folder.resolve("input/model"), "model.safetensors");
    Map<String, float[]> first =
        RanksTest.weights(folder.resolve("run/checkpoint-1"), "reference.safetensors");
    for (int step = 1; step < 6; step++) {
      Path checkpoint = folder.resolve("run/checkpoint-" + step);
      Map<String, float[]> policy = RanksTest.weights(checkpoint, "model.safetensors");
      if (step % 2 == 0) {
        expected.forEach((name, values) -> mix(values, policy.get(name)));
      }
      Map<String, float[]> reference = RanksTest.weights(checkpoint, "reference.safetensors");
      assertEquals(expected.keySet(), reference.keySet());
      // bfloat16 has 8 bits, of which each of two operations rounds the last.
      float close = bf16 ? 1f / 64 : 1e-6f;
      expected.forEach(
          (name, values) -> assertArrayEquals(values, reference.get(name), close, name));
      // What is compared moves every other step, and is not the policy.
      assertEquals(step >= 2, farthest(first, reference) > 0, "step " + step);
      assertTrue(step == 1 || farthest(policy, reference) > 1e-4, "step " + step);
    }
  }

  private static float farthest(Map<String, float[]> some, Map<String, float[]> others) {
    float most = 0;
    for (String name : some.keySet()) {
      for (int i = 0; i < some.get(name).length; i++) {
        most = Math.max(most, Math.abs(some.get(name)[i] - others.get(name)[i]));
      }
    }
    return most;
  }

  private static void mix(float[] reference, float[] policy) {
    for (int i = 0; i < reference.length; i++) {
      reference[i] = (1 - ALPHA) * reference[i] + ALPHA * policy[i];
    }
  }

  @Test
  void aReferenceThatIsAlwaysThePolicyLeavesNoDrift() throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("ref_model_mixup_alpha", 1);
    settings.put("ref_model_sync_steps", 1);
    QuickRun.run(settings);
    for (Map<String, Double> row : rows("run")) {
      assertEquals(0, row.get("logps/chosen_drift"), 1e-4);
    }
    Map<String, Object> fixed = settings("fixed");
    List.of("sync_ref_model", "ref_model_mixup_alpha", "ref_model_sync_steps")
        .forEach(fixed::remove);
    QuickRun.run(fixed);
    assertTrue(Math.abs(rows("fixed").get(5).get("logps/chosen_drift")) > 0.05);
    assertFalse(Files.exists(folder.resolve("fixed/checkpoint-5/reference.safetensors")));
  }

  private List<Map<String, Double>> rows(String output) throws IOException {
    return MetricsFile.read(folder.resolve(output).resolve("metrics.jsonl"));
  }
}
