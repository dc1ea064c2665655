package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.JsonLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers on disk, appended as they come, so that the same evaluation goes on where it was stopped.
 * The first line says what was evaluated and how; another evaluation does not go on there. A line
 * that was left half written is cut off.
 */
final class RowStore implements AutoCloseable {
  static final String FILE = "rows.jsonl";

  private final Path file;
  private final JsonLines lines;
  private final Map<String, List<JsonNode>> known;

  private RowStore(Path file, JsonLines lines, Map<String, List<JsonNode>> known) {
    this.file = file;
    this.lines = lines;
    this.known = known;
  }

  /**
   * Opens a folder's answers, none where it is new.
   *
   * @param settings what an answer depends on
   * @throws InputException if the folder holds another evaluation's answers
   */
  static RowStore open(Path folder, ObjectNode settings) {
    Path file = folder.resolve(FILE);
    Map<String, List<JsonNode>> known = new HashMap<>();
    boolean[] begun = {false};
    JsonLines lines =
        JsonLines.open(
            file,
            (place, line) -> {
              if (begun[0]) {
                known
                    .computeIfAbsent(line.path("task").asText(), none -> new ArrayList<>())
                    .add(line);
              } else {
                check(file, settings, line);
                begun[0] = true;
              }
            });
    if (!begun[0]) {
      lines.append(settings);
    }
    return new RowStore(file, lines, known);
  }

  private static void check(Path file, ObjectNode settings, JsonNode found) {
    for (Map.Entry<String, JsonNode> setting : settings.properties()) {
      JsonNode other = found.path(setting.getKey());
      if (!other.equals(setting.getValue())) {
        throw other(
            file,
            ", with "
                + setting.getKey()
                + " "
                + other
                + " where this one has "
                + setting.getValue());
      }
    }
  }

  private static InputException other(Path file, String why) {
    return new InputException(
        file + ": holds the answers of another evaluation" + why + "; choose another --out");
  }

  /** Returns a task's lines by their rows. */
  Map<Integer, JsonNode> known(Task task) {
    Map<Integer, JsonNode> rows = new HashMap<>();
    for (JsonNode line : known.getOrDefault(task.name(), List.of())) {
      rows.put(line.path("row").asInt(), line);
    }
    return rows;
  }

  /**
   * Returns the result of a line, its metrics computed again.
   *
   * @throws InputException if the line answers another text
   */
  RowResult result(Task task, Request request, JsonNode line) {
    if (!line.path("asked").asText().equals(request.digest(task))) {
      throw other(
          file,
          ": row "
              + request.row()
              + " of "
              + task
              + " was asked with another text (the task's file, its data or the chat template has"
              + " changed)");
    }
    return RowResult.of(task, request, RowResult.answer(line), line.path("cut").asBoolean());
  }

  /** Appends a line. */
  void write(JsonNode line) {
    lines.append(line);
  }

  @Override
  public void close() {
    lines.close();
  }
}
