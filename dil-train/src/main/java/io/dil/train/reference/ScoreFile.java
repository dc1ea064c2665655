package io.dil.train.reference;

import io.dil.core.Hashes;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.run.Checksums;
import io.dil.train.run.FolderLock;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities on disk, each under the hash of the very tokens that were scored.
 *
 * <p>A key of token ids covers the row, the tokenizer, the chat template and the truncation at
 * once; the file's name covers the model and the precision. Nothing is found by its place in a data
 * set, so order, shuffling and streaming do not matter. After eight bytes that name the layout come
 * records of 28 bytes each, appended as they are computed: key, score and a CRC-32C over both. One
 * that a killed run left half written, or that has changed since, is dropped and computed again.
 *
 * <p>The folder is this process's alone until the file closes.
 */
public final class ScoreFile implements AutoCloseable {
  private static final byte[] LAYOUT = "dilref02".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_BYTES = 16;
  private static final int SUMMED_BYTES = KEY_BYTES + Double.BYTES;
  private static final int RECORD_BYTES = SUMMED_BYTES + Integer.BYTES;

  private final Path file;
  // Null where another process writes the file.
  private final @Nullable FolderLock lock;
  private final Map<ByteBuffer, Double> scores;
  private final long damaged;
  private @Nullable FileChannel channel;

  private ScoreFile(
      Path file, @Nullable FolderLock lock, Map<ByteBuffer, Double> scores, long damaged) {
    this.file = file;
    this.lock = lock;
    this.scores = scores;
    this.damaged = damaged;
  }

  /**
   * Opens the scores of a model, empty where there are none yet.
   *
   * @param folder where score files lie
   * @param model what identifies the model, see {@link #fingerprint}
   * @throws InputException if another run holds the folder, or it cannot be written to
   */
  public static ScoreFile open(Path folder, String model) {
    Path file = file(folder, model);
    FolderLock lock = FolderLock.take(folder, "ref_cache_dir");
    try {
      Map<ByteBuffer, Double> scores = new LinkedHashMap<>();
      long damaged = Files.exists(file) ? read(file, scores) : 0;
      if (damaged > 0) {
        rewrite(file, scores);
      }
      return new ScoreFile(file, lock, scores, damaged);
    } catch (IOException e) {
      lock.close();
      throw bad(file, e);
    }
  }

  /**
   * As {@link #open}, for a process beside the one that writes: what is added stays in memory.
   *
   * @throws InputException if the file is there and cannot be read
   */
  public static ScoreFile follow(Path folder, String model) {
    Path file = file(folder, model);
    Map<ByteBuffer, Double> scores = new LinkedHashMap<>();
    try {
      if (Files.exists(file)) {
        read(file, scores);
      }
      return new ScoreFile(file, null, scores, 0);
    } catch (IOException e) {
      throw bad(file, e);
    }
  }

  private static Path file(Path folder, String model) {
    return folder.resolve("reference-" + model + ".scores");
  }

  /** Reads the whole records that are as they were written; returns how many are not. */
  private static long read(Path file, Map<ByteBuffer, Double> scores) throws IOException {
    long records = (Files.size(file) - LAYOUT.length + RECORD_BYTES - 1) / RECORD_BYTES;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
      byte[] layout = in.readNBytes(LAYOUT.length);
      if (!Arrays.equals(layout, LAYOUT)) {
        return Math.max(1, records);
      }
      long damaged = records;
      byte[] bytes = new byte[RECORD_BYTES];
      while (in.readNBytes(bytes, 0, RECORD_BYTES) == RECORD_BYTES) {
        ByteBuffer record = ByteBuffer.wrap(bytes);
        if (record.getInt(SUMMED_BYTES) == sum(bytes)) {
          byte[] key = new byte[KEY_BYTES];
          record.get(key);
          scores.put(ByteBuffer.wrap(key), record.getDouble());
          damaged--;
        }
      }
      return damaged;
    }
  }

  private static void rewrite(Path file, Map<ByteBuffer, Double> scores) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          write(out, ByteBuffer.wrap(LAYOUT));
          for (Map.Entry<ByteBuffer, Double> score : scores.entrySet()) {
            write(out, record(score.getKey(), score.getValue()));
          }
        });
  }

  private static ByteBuffer record(ByteBuffer key, double score) {
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
    record.put(key.duplicate()).putDouble(score);
    return record.putInt(sum(record.array())).flip();
  }

  private static int sum(byte[] record) {
    CRC32C sum = new CRC32C();
    sum.update(record, 0, SUMMED_BYTES);
    return (int) sum.getValue();
  }

  /** Returns a hash of the files that make a model and of how it is computed with. */
  public static String fingerprint(Iterable<Path> files, String precision) throws IOException {
    List<Path> all = new ArrayList<>();
    files.forEach(all::add);
    String content = precision + " " + Checksums.of(all);
    return Hashes.hex(content).substring(0, 2 * KEY_BYTES);
  }

  /** Returns the number of scores. */
  public synchronized int size() {
    return scores.size();
  }

  /** Returns how many records were dropped when the file was opened. */
  public long damaged() {
    return damaged;
  }

  /** Returns the score of a response behind a prompt, if it is known. */
  synchronized OptionalDouble find(Tokens prompt, Tokens response) {
    Double score = scores.get(key(prompt, response));
    return score == null ? OptionalDouble.empty() : OptionalDouble.of(score);
  }

  /** Adds a score. */
  synchronized void add(Tokens prompt, Tokens response, double score) throws IOException {
    ByteBuffer key = key(prompt, response);
    if (lock == null) {
      scores.putIfAbsent(key, score);
    } else if (!scores.containsKey(key)) {
      FileChannel out = channel();
      long before = out.position();
      try {
        write(out, record(key, score));
      } catch (IOException e) {
        // The next record must not follow half of this one.
        out.truncate(before).position(before);
        throw e;
      }
      scores.put(key, score);
    }
  }

  private FileChannel channel() throws IOException {
    FileChannel out = channel;
    if (out == null) {
      out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel = out;
      out.position(out.size());
      if (out.size() == 0) {
        write(out, ByteBuffer.wrap(LAYOUT));
      }
    }
    return out;
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static ByteBuffer key(Tokens prompt, Tokens response) {
    ByteBuffer ids = ByteBuffer.allocate(4 * (1 + prompt.size() + response.size()));
    // The boundary is part of the key: the same tokens, cut elsewhere, are another score.
    ids.putInt(prompt.size());
    prompt.stream().forEach(ids::putInt);
    response.stream().forEach(ids::putInt);
    return ByteBuffer.wrap(Hashes.sha256().digest(ids.array()), 0, KEY_BYTES).slice();
  }

  private static InputException bad(Path file, IOException e) {
    return new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
  }

  @Override
  public synchronized void close() {
    try (lock) {
      FileChannel out = channel;
      if (out != null && out.isOpen()) {
        out.force(true);
        out.close();
      }
    } catch (IOException e) {
      throw bad(file, e);
    }
  }
}
