package io.dil.train.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A run as it lies in its folder, finished or not, with what was measured of its model since.
 *
 * @param name how the report calls it
 * @param data its metrics
 * @param manifest what it was made with; missing for a run that has not finished
 * @param benchmarks {@code evaluation.json} of {@code dil eval --out}, in the folder or beneath it
 * @param judged {@code judge.json} of {@code dil judge --out}, in the folder or beneath it
 */
record StoredRun(
    String name,
    ReportData data,
    JsonNode manifest,
    Map<String, JsonNode> benchmarks,
    Map<String, JsonNode> judged) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEEPEST = 3;

  /** Reads a run's folder. */
  static StoredRun read(Path folder, String name) {
    Path metrics = folder.resolve("metrics.jsonl");
    if (!Files.isRegularFile(metrics)) {
      throw new InputException(folder + ": not a run's folder: it has no metrics.jsonl");
    }
    List<Map<String, Double>> rows = rows(metrics);
    if (rows.isEmpty()) {
      throw new InputException(metrics + ": must have at least one line, got none");
    }
    List<Map<String, Double>> evaluations =
        rows.stream().filter(row -> !row.containsKey("loss")).toList();
    ReportData data =
        new ReportData(
            name,
            Map.of(),
            rows.stream().filter(row -> row.containsKey("loss")).toList(),
            evaluations,
            Map.of(),
            List.of());
    Path manifest = folder.resolve("manifest.json");
    return new StoredRun(
        name,
        data,
        Files.exists(manifest) ? json(manifest) : MissingNode.getInstance(),
        found(folder, "evaluation.json"),
        found(folder, "judge.json"));
  }

  /** Reads metrics; the last line of a run that goes on may be half written. */
  private static List<Map<String, Double>> rows(Path file) {
    List<Map<String, Double>> rows = new ArrayList<>();
    JsonLines.read(file, (place, line) -> rows.add(row(place, line)));
    return rows;
  }

  private static Map<String, Double> row(String place, JsonNode line) {
    Map<String, Double> row = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> value : line.properties()) {
      try {
        row.put(value.getKey(), Double.valueOf(value.getValue().asText()));
      } catch (NumberFormatException e) {
        throw new InputException(place + ": not a line of metrics", e);
      }
    }
    if (!row.containsKey("step")) {
      throw new InputException(place + ": line must have a step");
    }
    return row;
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<String, JsonNode> found(Path folder, String name) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
      files
          .filter(file -> file.getFileName().toString().equals(name) && Files.isRegularFile(file))
          .sorted()
          .forEach(file -> all.put(folder.relativize(file).toString(), json(file)));
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be read: " + e.getMessage(), e);
    }
    return all;
  }

  /** Returns the objective's name, or nothing where no manifest says it. */
  String loss() {
    return manifest
        .path("loss")
        .path("name")
        .asText(manifest.path("settings").path("loss_type").asText(""));
  }

  /**
   * Returns a metric over the run: on held-out pairs where it was evaluated twice, otherwise the
   * mean of the last steps of training.
   */
  RunCurve curve(String metric) {
    Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut(metric));
    if (heldOut.finite().count() > 1) {
      return new RunCurve(heldOut, "held out");
    }
    Curve steps = Curve.of(data.steps(), metric);
    int window = Curve.window(data.steps().size());
    return window > 1 && !steps.isEmpty()
        ? new RunCurve(steps.smoothed(window), "training, mean of " + window + " steps")
        : new RunCurve(steps, "training");
  }

  /**
   * Returns how far a log-probability has moved since the start. Without a reference it is the
   * distance to the first evaluation, on the same pairs.
   *
   * @param side {@code chosen} or {@code rejected}
   */
  RunCurve drift(String side) {
    RunCurve known = curve("logps/" + side + "_drift");
    if (!known.curve().isEmpty()) {
      return known;
    }
    Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut("logps/" + side));
    return heldOut.finite().count() > 1
        ? new RunCurve(heldOut.fromFirst(), "held out, from its first evaluation")
        : new RunCurve(known.curve(), "");
  }

  /**
   * A curve and what it was measured on.
   *
   * @param curve may be empty
   * @param basis in words
   */
  record RunCurve(Curve curve, String basis) {}
}
