package io.dil.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.jsonl}: a line a step and a line an evaluation, each written as it happens.
 *
 * <p>A line that could not be written is kept and tried again with the next, or when the file is
 * forced to disk, so that a checkpoint never knows of a step that has no line.
 */
public final class MetricsFile implements AutoCloseable {
  /** Its name in a run's folder. */
  public static final String NAME = "metrics.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  // Null where lines go nowhere.
  private final @Nullable FileChannel channel;
  private final ArrayDeque<byte[]> unwritten = new ArrayDeque<>();
  private long whole;

  private MetricsFile(@Nullable FileChannel channel, long length) {
    this.channel = channel;
    this.whole = length;
  }

  /**
   * Opens the file and cuts it to {@code length}: what a killed run wrote behind its checkpoint
   * goes.
   */
  public static MetricsFile open(Path file, long length) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.size() < length) {
      channel.close();
      throw new InputException(
          file
              + ": must have at least the "
              + length
              + " bytes that the checkpoint knows of, got "
              + Files.size(file));
    }
    channel.truncate(length);
    return new MetricsFile(channel, length);
  }

  /** Returns the file of a process beside the one that writes: lines go nowhere. */
  public static MetricsFile nowhere() {
    return new MetricsFile(null, 0);
  }

  /** Appends a line; integers are written without a fraction, what is not finite as a string. */
  public void append(Map<String, Double> metrics) throws IOException {
    if (channel == null) {
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    metrics.forEach((name, value) -> line.put(name, plain(value)));
    unwritten.add((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    flush(channel);
  }

  private void flush(FileChannel channel) throws IOException {
    for (byte[] line = unwritten.peek(); line != null; line = unwritten.peek()) {
      // Over what a write that failed may have left of the line.
      channel.truncate(whole);
      channel.position(whole);
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      whole = channel.position();
      unwritten.remove();
    }
  }

  /** Returns the length of all whole lines in bytes. */
  public long length() {
    return whole;
  }

  /** Writes what could not be written before, and forces all of it to disk. */
  public void force() throws IOException {
    if (channel != null) {
      flush(channel);
      channel.force(true);
    }
  }

  /** Reads every line of {@code file}. */
  public static List<Map<String, Double>> read(Path file) throws IOException {
    List<Map<String, Double>> rows = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      try {
        Map<String, Double> row = new LinkedHashMap<>();
        JSON.readValue(line, new TypeReference<Map<String, Object>>() {})
            .forEach((name, value) -> row.put(name, Double.valueOf(value.toString())));
        rows.add(row);
      } catch (JsonProcessingException e) {
        throw new InputException(file + ":" + number + ": not a line of metrics", e);
      }
    }
    return rows;
  }

  private static Object plain(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : value;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
