package io.dil.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file of answers that grows in the order of its prompts, whatever the order in which they are
 * complete. Beside it lies what it was made with, so that the same command goes on and another does
 * not.
 */
public final class AnswerFile implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonLines lines;
  private final List<Answers> known;
  private final Map<Integer, Answers> early = new TreeMap<>();
  private int next;

  private AnswerFile(JsonLines lines, List<Answers> known) {
    this.lines = lines;
    this.known = known;
    next = known.size();
  }

  /**
   * Opens a file, empty where it is new; a line that was left half written is cut off.
   *
   * @param settings what the answers depend on
   * @throws InputException if the file was made with other settings
   */
  public static AnswerFile open(Path file, ObjectNode settings) {
    Path beside = file.resolveSibling(file.getFileName() + ".settings.json");
    try {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (Files.exists(beside)) {
        check(file, settings, JSON.readTree(beside.toFile()));
      } else if (Files.exists(file) && Files.size(file) > 0) {
        throw new InputException(
            file + ": there already, and nothing beside it says what it was made with");
      } else {
        byte[] text = settings.toPrettyString().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(beside, text);
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
    List<Answers> known = new ArrayList<>();
    return new AnswerFile(
        JsonLines.open(file, (place, line) -> known.add(Answers.of(place, line))), known);
  }

  private static void check(Path file, ObjectNode settings, JsonNode found) {
    for (Map.Entry<String, JsonNode> setting : settings.properties()) {
      JsonNode other = found.path(setting.getKey());
      // Compared as they are written: a number read back may be of another type.
      if (!other.toString().equals(setting.getValue().toString())) {
        throw new InputException(
            file
                + ": was made with "
                + setting.getKey()
                + " "
                + other
                + ", got "
                + setting.getValue()
                + "; choose another --out");
      }
    }
  }

  /** Reads a file of answers, this program's or another's. */
  public static List<Answers> read(Path file) {
    List<Answers> all = new ArrayList<>();
    JsonLines.read(file, (place, line) -> all.add(Answers.of(place, line)));
    return all;
  }

  /** Returns what an earlier run has answered: the first prompts, in order. */
  public List<Answers> known() {
    return List.copyOf(known);
  }

  /** Takes the answers to a prompt, and writes those whose turn it is. */
  public void add(int index, Answers answers) {
    early.put(index, answers);
    for (Answers due = early.remove(next); due != null; due = early.remove(next)) {
      lines.append(due.toJson());
      next++;
    }
  }

  @Override
  public void close() {
    lines.close();
  }
}
