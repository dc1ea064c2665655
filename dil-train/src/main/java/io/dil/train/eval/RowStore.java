package io.dil.train.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final Map<String, List<JsonNode>> known;

  private RowStore(Path file, FileChannel channel, Map<String, List<JsonNode>> known) {
    this.file = file;
    this.channel = channel;
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
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Map<String, List<JsonNode>> known = new HashMap<>();
      long whole = read(file, settings, known);
      channel.truncate(whole);
      channel.position(whole);
      RowStore store = new RowStore(file, channel, known);
      if (whole == 0) {
        store.write(settings);
      }
      return store;
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
  }

  private static long read(Path file, ObjectNode settings, Map<String, List<JsonNode>> known)
      throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int number = 0;
    int from = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] != '\n') {
        continue;
      }
      number++;
      JsonNode line;
      try {
        line = JSON.readTree(new String(bytes, from, at - from, StandardCharsets.UTF_8));
      } catch (JsonProcessingException e) {
        throw new InputException(file + ":" + number + ": not a line of JSON", e);
      }
      from = at + 1;
      if (number == 1) {
        check(file, settings, line);
      } else {
        known.computeIfAbsent(line.path("task").asText(), none -> new ArrayList<>()).add(line);
      }
    }
    return from;
  }

  private static void check(Path file, ObjectNode settings, JsonNode found) {
    for (Map.Entry<String, JsonNode> setting : settings.properties()) {
      JsonNode other = found.path(setting.getKey());
      if (!other.equals(setting.getValue())) {
        throw new InputException(
            file
                + ": holds the answers of another evaluation, with "
                + setting.getKey()
                + " "
                + other
                + " where this one has "
                + setting.getValue()
                + "; choose another --out");
      }
    }
  }

  /** Returns a task's answers by their rows. */
  Map<Integer, RowResult> known(Task task) {
    Map<Integer, RowResult> rows = new HashMap<>();
    for (JsonNode line : known.getOrDefault(task.name(), List.of())) {
      RowResult result = RowResult.of(file.toString(), line, task);
      rows.put(result.row(), result);
    }
    return rows;
  }

  /** Appends a line. */
  void write(JsonNode line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
