package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** Returns the line, with what was asked where {@code shown} is given. */
  ObjectNode toJson(Task task, @Nullable Request shown) {
    ObjectNode line = JSON.createObjectNode();
    line.put("task", this.task).put("row", row).put("place", place);
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
    if (shown != null) {
      line.put("context", shown.context());
      shown.continuations().forEach(line.putArray("continuations")::add);
      line.put("target", shown.item().answer());
      for (Metric metric : task.metrics()) {
        String taken = metric.taken(shown.item(), answer);
        if (!taken.isEmpty()) {
          line.withObject("/taken").put(metric.name(), taken);
        }
      }
    }
    return line;
  }

  static RowResult of(String place, JsonNode line, Task task) {
    Answer answer;
    if (line.has("text")) {
      answer = new Answer.Written(line.path("text").asText());
    } else {
      List<Double> scores = new ArrayList<>();
      line.path("loglikelihoods").forEach(one -> scores.add(one.asDouble()));
      answer = new Answer.Scores(scores);
    }
    List<Double> values = new ArrayList<>();
    for (Metric metric : task.metrics()) {
      JsonNode value = line.path("metrics").path(metric.name());
      if (!value.isNumber()) {
        throw new InputException(place + ": row must have the metric " + metric.name());
      }
      values.add(value.asDouble());
    }
    return new RowResult(
        task.name(),
        line.path("row").asInt(),
        line.path("place").asText(),
        answer,
        values,
        line.path("cut").asBoolean(),
        line.path("goldless").asBoolean());
  }
}
