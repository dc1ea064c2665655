package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A row's answer and what was measured of it; a line of {@code rows.jsonl}.
 *
 * @param task the task's name
 * @param row the row's number in its file's order, from 0
 * @param place where the row stands
 * @param answer what the model answered
 * @param values the metrics' values, in the task's order
 * @param cut whether the context lost its start, the sequence being longer than the model takes
 * @param goldless whether the right answer is not among the choices
 */
record RowResult(
    String task,
    int row,
    String place,
    Answer answer,
    List<Double> values,
    boolean cut,
    boolean goldless) {
  private static final ObjectMapper JSON = new ObjectMapper();

  RowResult {
    values = List.copyOf(values);
  }

  static RowResult of(Task task, Request request, Answer answer, boolean cut) {
    Item item = request.item();
    return new RowResult(
        task.name(),
        request.row(),
        item.place(),
        answer,
        task.metrics().stream().map(metric -> metric.value(item, answer)).toList(),
        cut,
        task.generation().isEmpty() && item.gold() == Item.NONE);
  }

  /**
   * Returns the line.
   *
   * @param samples whether it shows what was asked
   */
  ObjectNode toJson(Task task, Request request, boolean samples) {
    ObjectNode line = JSON.createObjectNode();
    line.put("task", this.task).put("row", row).put("place", place);
    line.put("asked", request.digest(task));
    if (answer instanceof Answer.Scores scores) {
      ArrayNode list = line.putArray("loglikelihoods");
      scores.logLikelihoods().forEach(list::add);
    } else if (answer instanceof Answer.Written written) {
      line.put("text", written.text());
    }
    ObjectNode metrics = line.putObject("metrics");
    for (int i = 0; i < values.size(); i++) {
      metrics.put(task.metrics().get(i).name(), values.get(i));
    }
    if (cut) {
      line.put("cut", true);
    }
    if (goldless) {
      line.put("goldless", true);
    }
    if (samples) {
      line.put("context", request.context());
      request.continuations().forEach(line.putArray("continuations")::add);
      line.put("target", request.item().answer());
      for (Metric metric : task.metrics()) {
        String taken = metric.taken(request.item(), answer);
        if (!taken.isEmpty()) {
          line.withObject("/taken").put(metric.name(), taken);
        }
      }
    }
    return line;
  }

  /** Returns the answer that a line holds. */
  static Answer answer(JsonNode line) {
    if (line.has("text")) {
      return new Answer.Written(line.path("text").asText());
    }
    List<Double> scores = new ArrayList<>();
    line.path("loglikelihoods").forEach(one -> scores.add(one.asDouble()));
    return new Answer.Scores(scores);
  }
}
