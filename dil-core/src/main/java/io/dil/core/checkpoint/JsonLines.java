package io.dil.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that grows by whole lines of JSON, which a command that was stopped goes on from. A line
 * that was left half written is no line, and is cut off where the file is opened to grow. One
 * command at a time writes to it.
 */
public final class JsonLines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;

  /** Takes the lines of a file in their order. */
  @FunctionalInterface
  public interface Taker {
    /**
     * Takes a line.
     *
     * @param place {@code file:line}
     */
    void take(String place, JsonNode line);
  }

  private JsonLines(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file to grow, with the folders that it is in; it is empty where it is new.
   *
   * @param taker hears of the lines that are there
   * @throws InputException if another command has it open, a line is no JSON, or it cannot be read
   *     or written to
   */
  public static JsonLines open(Path file, Taker taker) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (!isFree(channel)) {
          throw new InputException(file + ": another command is writing to it");
        }
        // Not closed, since the channel would go with it.
        long whole = read(file, Channels.newInputStream(channel), taker);
        channel.truncate(whole);
        channel.position(whole);
        return new JsonLines(file, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // This process holds it.
      return false;
    }
  }

  /**
   * Reads the whole lines of a file, blank ones left out.
   *
   * @throws InputException if one is no JSON, or the file is not there or cannot be read
   */
  public static void read(Path file, Taker taker) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": no such file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      read(file, in, taker);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the length of all whole lines in bytes. */
  private static long read(Path file, InputStream stream, Taker taker) throws IOException {
    InputStream in = new BufferedInputStream(stream, 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long whole = 0;
    int number = 0;
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.write(next);
        continue;
      }
      number++;
      whole += line.size() + 1L;
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      if (!text.isBlank()) {
        String place = file + ":" + number;
        taker.take(place, parsed(place, text));
      }
    }
    return whole;
  }

  private static JsonNode parsed(String place, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new InputException(
          place + ": not a line of JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    }
  }

  /** Appends a line. */
  public void append(JsonNode line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw bad(e);
    }
  }

  /** Forces what was appended to disk. */
  public void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw bad(e);
    }
  }

  private InputException bad(IOException e) {
    return new InputException(file + ": cannot be written: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try (channel) {
      channel.force(true);
    } catch (IOException e) {
      throw bad(e);
    }
  }
}
