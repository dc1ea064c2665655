package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.config.TrainingConfig;
import io.dil.train.rank.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings of the data reach the stream. */
class RunDataTest {
  @TempDir Path folder;

  @Test
  void settingsFilterTheData() throws IOException {
    Map<String, Object> plain = QuickRun.settings(folder, "run");
    List<String> rows = Files.readAllLines(folder.resolve("input/pairs.jsonl"));
    assertEquals(rows.size(), count(plain));

    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("dataset_dedupe", true);
    assertEquals(new HashSet<>(rows).size(), count(settings));

    settings = QuickRun.settings(folder, "run");
    settings.put("max_train_samples", 100);
    assertEquals(100, count(settings));
    settings.put("skip_train_samples", rows.size() - 40);
    assertEquals(40, count(settings));

    settings = QuickRun.settings(folder, "run");
    settings.put("dataset_min_tokens", 19);
    long kept = count(settings);
    settings.remove("dataset_min_tokens");
    settings.put("dataset_max_tokens", 18);
    assertEquals(rows.size(), kept + count(settings));
    assertTrue(kept > 0 && kept < rows.size(), () -> "some rows on either side, got " + kept);
  }

  @Test
  void heldOutPromptsAreNotTrainedOn() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("eval_holdout", 0.2);
    long rows = Files.readAllLines(folder.resolve("input/pairs.jsonl")).size();
    long[] heldOut = {0};
    data(settings).evaluation().orElseThrow().forEach(batch -> heldOut[0] += batch.size());
    assertEquals(rows, count(settings) + heldOut[0]);
    assertTrue(heldOut[0] > 0.1 * rows && heldOut[0] < 0.3 * rows, () -> "got " + heldOut[0]);
  }

  private long count(Map<String, Object> settings) {
    return data(settings).count(64).examples();
  }

  private RunData data(Map<String, Object> settings) {
    return new RunData(
        TrainingConfig.of(settings),
        ExampleTokenizer.load(folder.resolve("input/model"), new Truncation(64, 32)),
        new Stopping(Cluster.alone()),
        false);
  }
}
