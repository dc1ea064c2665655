package io.dil.train.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Verdicts on disk: appended, forced to disk, and only then counted. They are what a stopped
 * command goes on from, and what a later one with the same questions need not ask again.
 */
final class Judgements implements AutoCloseable {
  static final String FILE = "judgements.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Judgement> known;

  private Judgements(Path file, FileChannel channel, Map<String, Judgement> known) {
    this.file = file;
    this.channel = channel;
    this.known = known;
  }

  /** Opens a folder's verdicts; a line that was left half written is cut off. */
  static Judgements open(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        throw new InputException(file + ": another command is writing to it");
      }
      Map<String, Judgement> known = new LinkedHashMap<>();
      byte[] bytes = Files.readAllBytes(file);
      int from = 0;
      int number = 0;
      for (int at = 0; at < bytes.length; at++) {
        if (bytes[at] != '\n') {
          continue;
        }
        number++;
        try {
          String line = new String(bytes, from, at - from, StandardCharsets.UTF_8);
          Judgement judgement = Judgement.of(JSON.readTree(line));
          known.put(judgement.key(), judgement);
        } catch (JsonProcessingException e) {
          throw new InputException(file + ":" + number + ": not a line of JSON", e);
        }
        from = at + 1;
      }
      channel.truncate(from);
      channel.position(from);
      return new Judgements(file, channel, known);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
  }

  synchronized Optional<Judgement> find(String key) {
    return Optional.ofNullable(known.get(key));
  }

  synchronized void add(Judgement judgement) {
    byte[] line = (judgement.toJson() + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    }
    known.put(judgement.key(), judgement);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
