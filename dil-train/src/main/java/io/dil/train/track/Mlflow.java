package io.dil.train.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A run on an MLflow server, with the settings as parameters and every line's metrics under the
 * names that {@code metrics.jsonl} has.
 *
 * <p>The run's id is kept in the run's folder, so that a run that goes on is the same there. Which
 * steps the server has is asked before any is sent: none is there twice.
 */
final class Mlflow implements Tracker {
  // The server's own limits.
  private static final int METRICS = 1000;
  private static final int PARAMETERS = 100;
  private static final int LONGEST = 6000;
  private static final String PAGE = "25000";

  private final MlflowServer server;
  private final Path folder;
  private final String experiment;
  private final String name;
  private final Map<String, Set<Long>> known = new HashMap<>();
  private String run = "";

  /**
   * Makes a tracker; nothing is sent yet.
   *
   * @param folder of the run
   * @param experiment the name of the experiment that the run belongs to
   * @param name of the run
   */
  Mlflow(MlflowServer server, Path folder, String experiment, String name) {
    this.server = server;
    this.folder = folder;
    this.experiment = experiment;
    this.name = name;
  }

  @Override
  public void started(List<Map<String, Double>> lines, Map<String, String> settings)
      throws IOException {
    Path file = folder.resolve(RunFolder.MLFLOW);
    if (Files.exists(file)) {
      String id = Files.readString(file).strip();
      if (server.get("runs/get", Map.of("run_id", id)).isPresent()) {
        run = id;
        server.post("runs/update", Map.of("run_id", run, "status", "RUNNING"));
      }
    }
    if (run.isEmpty()) {
      create(settings);
      AtomicFile.write(file, (run + "\n").getBytes(StandardCharsets.UTF_8));
    }
    send(lines);
  }

  private void create(Map<String, String> settings) throws IOException {
    Optional<JsonNode> found =
        server.get("experiments/get-by-name", Map.of("experiment_name", experiment));
    String id =
        found.isPresent()
            ? found.get().path("experiment").path("experiment_id").asText()
            : server
                .post("experiments/create", Map.of("name", experiment))
                .path("experiment_id")
                .asText();
    run =
        server
            .post(
                "runs/create",
                Map.of(
                    "experiment_id",
                    id,
                    "run_name",
                    name,
                    "start_time",
                    System.currentTimeMillis(),
                    "tags",
                    List.of(pair("mlflow.source.name", "dil"))))
            .path("run")
            .path("info")
            .path("run_id")
            .asText();
    List<Map<String, String>> parameters = new ArrayList<>();
    settings.forEach(
        (key, value) ->
            parameters.add(pair(key, value.substring(0, Math.min(LONGEST, value.length())))));
    for (int i = 0; i < parameters.size(); i += PARAMETERS) {
      server.post(
          "runs/log-batch",
          Map.of(
              "run_id",
              run,
              "params",
              parameters.subList(i, Math.min(parameters.size(), i + PARAMETERS))));
    }
  }

  private static Map<String, String> pair(String key, String value) {
    return Map.of("key", key, "value", value);
  }

  @Override
  public void line(Map<String, Double> line) throws IOException {
    send(List.of(line));
  }

  /** Sends lines, as many of them at once as the server takes. */
  void send(List<Map<String, Double>> lines) throws IOException {
    List<Map<String, Object>> metrics = new ArrayList<>();
    for (Map<String, Double> line : lines) {
      long step = line.getOrDefault("step", 0.0).longValue();
      if (line.isEmpty() || !stepsOf(line.keySet().iterator().next()).add(step)) {
        continue;
      }
      List<Map<String, Object>> more = metrics(line, step);
      if (metrics.size() + more.size() > METRICS) {
        post(metrics);
        metrics.clear();
      }
      metrics.addAll(more);
    }
    post(metrics);
  }

  private void post(List<Map<String, Object>> metrics) throws IOException {
    if (!metrics.isEmpty()) {
      server.post("runs/log-batch", Map.of("run_id", run, "metrics", metrics));
    }
  }

  private static List<Map<String, Object>> metrics(Map<String, Double> line, long step) {
    long now = System.currentTimeMillis();
    List<Map<String, Object>> metrics = new ArrayList<>();
    line.forEach(
        (key, value) -> {
          if (!key.equals("step") && Double.isFinite(value)) {
            metrics.add(Map.of("key", key, "value", value, "timestamp", now, "step", step));
          }
        });
    return metrics;
  }

  /** Returns the steps at which the server has a metric. */
  private Set<Long> stepsOf(String metric) throws IOException {
    Set<Long> steps = known.get(metric);
    if (steps != null) {
      return steps;
    }
    steps = new HashSet<>();
    String page = "";
    do {
      Map<String, String> query = new HashMap<>();
      query.put("run_id", run);
      query.put("metric_key", metric);
      query.put("max_results", PAGE);
      if (!page.isEmpty()) {
        query.put("page_token", page);
      }
      JsonNode answer =
          server
              .get("metrics/get-history", query)
              .orElseThrow(() -> new IOException("the server no longer has the run"));
      for (JsonNode point : answer.path("metrics")) {
        steps.add(point.path("step").asLong());
      }
      page = answer.path("next_page_token").asText("");
    } while (!page.isEmpty());
    known.put(metric, steps);
    return steps;
  }

  @Override
  public void ended(Ending ending) throws IOException {
    String status =
        switch (ending) {
          case FINISHED -> "FINISHED";
          case STOPPED -> "KILLED";
          case FAILED -> "FAILED";
        };
    server.post(
        "runs/update",
        Map.of("run_id", run, "status", status, "end_time", System.currentTimeMillis()));
  }
}
