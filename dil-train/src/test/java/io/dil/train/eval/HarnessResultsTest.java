package io.dil.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ContinuationTokenizer.Bos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A model's answers, scores and metrics are those that the harness gets of the same model. */
class HarnessResultsTest {
  /** As the reference run was made. */
  private static final int MAX_LENGTH = 8192;

  private static final int NEW_TOKENS = 48;

  private static final ObjectNode NONE = new ObjectMapper().createObjectNode();

  @Test
  void scoresTextsAndMetricsAreTheHarnesss() {
    Path folder = Goldens.assets().resolve("models/stories260K-hf");
    ContinuationTokenizer tokenizer =
        ContinuationTokenizer.load(folder, Bos.AUTO, Optional.empty());
    String[] files = Goldens.folder().resolve("results/stories260K").toFile().list();
    Arrays.sort(files);
    int scores = 0;
    int texts = 0;
    try (DecoderLm model =
        DecoderLm.load(ModelFolder.open(folder), Device.cpu(), Precision.FLOAT32)) {
      for (String file : files) {
        JsonNode golden = Goldens.read("results/stories260K/" + file);
        JsonNode docs = golden.path("docs");
        Task task = Goldens.task(golden.path("task").asText());
        EvaluationOptions options =
            EvaluationOptions.DEFAULT.withLimit(docs.size()).withLengths(MAX_LENGTH, NEW_TOKENS);
        Map<Integer, JsonNode> mine = new HashMap<>();
        EvaluationListener listener =
            new EvaluationListener() {
              @Override
              public void answered(Task of, ObjectNode line) {
                mine.put(line.path("row").asInt(), line);
              }
            };
        List<TaskResult> results =
            new Evaluation(model, tokenizer, MAX_LENGTH, options)
                .run(List.of(task), Goldens.data(), null, NONE, listener);
        for (JsonNode doc : docs) {
          JsonNode line = mine.get(doc.path("doc_id").asInt());
          String where = task + " " + doc.path("doc_id");
          if (doc.has("text")) {
            if (doc.path("min_top2_gap").asDouble() > 1e-3) {
              assertEquals(doc.path("text").asText(), line.path("text").asText(), where);
              texts++;
            }
            continue;
          }
          List<Double> theirs = new ArrayList<>();
          doc.path("loglikelihood").forEach(one -> theirs.add(one.asDouble()));
          for (int i = 0; i < theirs.size(); i++) {
            double expected = theirs.get(i);
            double bound = Math.max(1e-3, 1e-5 * Math.abs(expected));
            assertEquals(expected, line.path("loglikelihoods").get(i).asDouble(), bound, where);
            scores++;
          }
          for (Metric metric : task.metrics()) {
            if (doc.has(metric.name())) {
              assertEquals(
                  doc.path(metric.name()).asDouble(),
                  line.path("metrics").path(metric.name()).asDouble(),
                  where);
            }
          }
        }
        JsonNode json = EvaluationJson.of(results).path(task.name());
        for (Map.Entry<String, JsonNode> value : golden.path("aggregated").properties()) {
          String name = value.getKey().replace(",none", "");
          assertEquals(value.getValue().asDouble(), json.path(name).asDouble(2), 1e-9, name);
        }
      }
    }
    assertEquals(730, scores);
    assertTrue(texts >= 20, "texts compared: " + texts);
  }
}
