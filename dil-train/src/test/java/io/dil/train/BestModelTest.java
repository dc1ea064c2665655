package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.SaveStrategy;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.RunCourse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * When a run evaluates, saves and stops, and which model it ends with, against transformers' own
 * trainer ({@code dil-train/src/test/python/best_model.py} ran it).
 */
class BestModelTest {
  private static final Path CASES = Path.of("src/test/resources/course/best-model.json");
  private static final int BATCH = 4;

  @TestFactory
  Stream<DynamicTest> endsAsTransformersDoes() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode row : new ObjectMapper().readTree(CASES.toFile()).path("cases")) {
      tests.add(DynamicTest.dynamicTest(row.path("arguments").toString(), () -> same(row)));
    }
    assertTrue(tests.size() > 90, "cases are missing");
    return tests.stream();
  }

  private static void same(JsonNode row) {
    Map<String, Object> given = new LinkedHashMap<>();
    given.put("model_name_or_path", "m");
    given.put("dataset_name", "pairs:x");
    given.put("eval_dataset_name", "pairs:y");
    given.put("output_dir", "o");
    row.path("arguments").properties().forEach(e -> given.put(e.getKey(), e.getValue().asText()));
    if (row.path("patience").asInt() > 0) {
      given.put("early_stopping_patience", row.path("patience").asText());
      given.put("early_stopping_threshold", row.path("threshold").asText());
    }
    if (!given.get("eval_strategy").equals("steps")) {
      given.remove("eval_steps");
    }
    TrainingConfig config = TrainingConfig.of(given);
    long perEpoch = StepBatches.count(row.path("examples").asLong(), BATCH, false);
    long total =
        config.has(Settings.MAX_STEPS)
            ? config.get(Settings.MAX_STEPS)
            : (long) Math.ceil(perEpoch * config.get(Settings.EPOCHS));
    assertEquals(row.path("result").path("max_steps").asLong(), total);
    play(config, Rhythm.of(config, perEpoch, total), total, row);
  }

  /** Goes through the steps as TrainingLoop does. */
  private static void play(TrainingConfig config, Rhythm rhythm, long total, JsonNode row) {
    BestModel best = new BestModel(config, RunCourse.START);
    List<Long> evaluated = new ArrayList<>();
    List<Long> saved = new ArrayList<>();
    SaveStrategy saving = config.get(CourseSettings.SAVE_STRATEGY);
    int at = config.get(CourseSettings.EVAL_ON_START) ? 1 : 0;
    if (at > 0) {
      evaluated.add(0L);
    }
    long step = 0;
    while (step < total && best.exhausted().isEmpty()) {
      step++;
      boolean better = false;
      if (rhythm.evaluatesAt(step)) {
        double value = row.path("values").get(at++ % row.path("values").size()).asDouble();
        better = best.evaluated(step, Map.of("eval_loss", value, "eval_score", value));
        evaluated.add(step);
      }
      // The end of a run has no checkpoint here, but there.
      boolean end = step == total && saving != SaveStrategy.BEST;
      if (rhythm.savesAt(step) || best.asksToSave(better) || end) {
        best.saved(step);
        saved.add(step);
      }
      // A checkpoint is the same state again.
      best = new BestModel(config, best.course("", 1));
    }
    JsonNode result = row.path("result");
    assertEquals(longs(result.path("evaluated")), evaluated, "evaluated");
    assertEquals(longs(result.path("saved")).stream().distinct().toList(), saved, "saved");
    assertEquals(result.path("steps").asLong(), step, "steps");
    assertEquals(
        result.path("best_metric").asDouble(), Objects.requireNonNull(best.best()).value());
    assertEquals(result.path("best_step").asLong(), best.best().step(), "best step");
    assertEquals(result.path("best_checkpoint").asLong(), best.kept(), "best checkpoint");
    boolean loads = config.get(CourseSettings.LOAD_BEST) && best.kept() > 0;
    assertEquals(result.path("ends_with").asLong(), loads ? best.kept() : step, "ends with");
  }

  private static List<Long> longs(JsonNode array) {
    List<Long> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asLong()));
    return values;
  }
}
