package io.dil.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes files that appear whole or not at all: under another name in the same folder, forced to
 * disk, then moved into place. What was there before stays until that moment.
 */
public final class AtomicFile {
  /** Writes a file's content to a channel. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to {@code channel}. */
    void write(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes {@code file}.
   *
   * @throws IOException if it cannot be written, for a full disk say; the unfinished file is
   *     removed
   */
  public static void write(Path file, Content content) throws IOException {
    Path partial = file.resolveSibling("." + file.getFileName() + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        content.write(channel);
        channel.force(true);
      }
      move(partial, file);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
  }

  /** Writes bytes to {@code file}. */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  /**
   * Forces the names in a folder to disk, so that a file which was moved there is still there when
   * the power fails. Where the platform cannot open a folder (Windows), names are forced with their
   * files.
   */
  public static void forceFolder(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** Moves a file or folder to {@code to} in one step where the file system can. */
  public static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
