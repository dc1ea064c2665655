package io.dil.train.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  private final Path file;
  private final FileChannel channel;
  private final List<Answers> known;
  private final Map<Integer, Answers> early = new TreeMap<>();
  private int next;

  private AnswerFile(Path file, FileChannel channel, List<Answers> known) {
    this.file = file;
    this.channel = channel;
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
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      List<Answers> known = new ArrayList<>();
      long whole = lines(file, known);
      channel.truncate(whole);
      channel.position(whole);
      return new AnswerFile(file, channel, known);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
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
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException(file + ": no such file");
      }
      lines(file, all);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
    return all;
  }

  private static long lines(Path file, List<Answers> all) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int from = 0;
    int number = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] != '\n') {
        continue;
      }
      number++;
      String place = file + ":" + number;
      String line = new String(bytes, from, at - from, StandardCharsets.UTF_8);
      if (!line.isBlank()) {
        try {
          all.add(Answers.of(place, JSON.readTree(line)));
        } catch (JsonProcessingException e) {
          throw new InputException(place + ": not a line of JSON", e);
        }
      }
      from = at + 1;
    }
    return from;
  }

  /** Returns what an earlier run has answered: the first prompts, in order. */
  public List<Answers> known() {
    return List.copyOf(known);
  }

  /** Takes the answers to a prompt, and writes those whose turn it is. */
  public void add(int index, Answers answers) {
    early.put(index, answers);
    try {
      for (Answers due = early.remove(next); due != null; due = early.remove(next)) {
        ByteBuffer line = ByteBuffer.wrap((due.toJson() + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
          channel.write(line);
        }
        next++;
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
