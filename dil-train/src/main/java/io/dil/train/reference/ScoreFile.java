package io.dil.train.reference;

import io.dil.core.InputException;
import io.dil.core.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Log-probabilities on disk, each under the hash of the very tokens that were scored.
 *
 * <p>A key of token ids covers the row, the tokenizer, the chat template and the truncation at
 * once; the file's name covers the model's weights and the precision. Nothing is found by its place
 * in a data set, so order, shuffling and streaming do not matter. Records are appended, 24 bytes
 * each; one that a killed run left half written is cut off.
 */
public final class ScoreFile implements AutoCloseable {
  private static final int KEY_BYTES = 16;
  private static final int RECORD_BYTES = KEY_BYTES + Double.BYTES;

  private final FileChannel channel;
  private final Map<ByteBuffer, Double> scores;

  private ScoreFile(FileChannel channel, Map<ByteBuffer, Double> scores) {
    this.channel = channel;
    this.scores = scores;
  }

  /**
   * Opens the scores of a model, empty where there are none yet.
   *
   * @param folder where score files lie
   * @param model what identifies the model, see {@link #fingerprint}
   */
  public static ScoreFile open(Path folder, String model) {
    Path file = folder.resolve("reference-" + model + ".scores");
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      long whole = channel.size() / RECORD_BYTES * RECORD_BYTES;
      channel.truncate(whole);
      Map<ByteBuffer, Double> scores = new HashMap<>();
      ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
      for (long at = 0; at < whole; at += RECORD_BYTES) {
        record.clear();
        while (record.hasRemaining() && channel.read(record, at + record.position()) >= 0) {
          // A read may stop short of a record.
        }
        byte[] key = new byte[KEY_BYTES];
        record.flip().get(key);
        scores.put(ByteBuffer.wrap(key), record.getDouble());
      }
      channel.position(whole);
      return new ScoreFile(channel, scores);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read or written: " + e.getMessage(), e);
    }
  }

  /** Returns a hash of weight files and of how they are computed with. */
  public static String fingerprint(Iterable<Path> weights, String precision) throws IOException {
    MessageDigest digest = sha256();
    digest.update(precision.getBytes(StandardCharsets.UTF_8));
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    for (Path file : weights) {
      try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
        while (in.read(buffer.clear()) >= 0) {
          digest.update(buffer.flip());
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, KEY_BYTES);
  }

  /** Returns the number of scores. */
  public synchronized int size() {
    return scores.size();
  }

  /** Returns the score of a response behind a prompt, if it is known. */
  synchronized OptionalDouble find(Tokens prompt, Tokens response) {
    Double score = scores.get(key(prompt, response));
    return score == null ? OptionalDouble.empty() : OptionalDouble.of(score);
  }

  /** Adds a score. */
  synchronized void add(Tokens prompt, Tokens response, double score) throws IOException {
    ByteBuffer key = key(prompt, response);
    if (scores.putIfAbsent(key, score) == null) {
      ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
      record.put(key.duplicate()).putDouble(score).flip();
      while (record.hasRemaining()) {
        channel.write(record);
      }
    }
  }

  private static ByteBuffer key(Tokens prompt, Tokens response) {
    ByteBuffer ids = ByteBuffer.allocate(4 * (1 + prompt.size() + response.size()));
    // The boundary is part of the key: the same tokens, cut elsewhere, are another score.
    ids.putInt(prompt.size());
    prompt.stream().forEach(ids::putInt);
    response.stream().forEach(ids::putInt);
    return ByteBuffer.wrap(sha256().digest(ids.array()), 0, KEY_BYTES).slice();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw new InputException("reference scores cannot be written: " + e.getMessage(), e);
    }
  }
}
