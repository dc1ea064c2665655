package io.dil.train.run;

import io.dil.core.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that one run at a time may write to. Its empty file {@value #FILE} is what is locked,
 * and stays there as the sign that the folder belongs to runs of this program. The lock goes with
 * the process, however that ends.
 */
public final class FolderLock implements AutoCloseable {
  /** The file that is locked. */
  public static final String FILE = ".dil-run";

  private final Path folder;
  private final List<Path> made;
  private final FileChannel channel;
  private final boolean marked;

  private FolderLock(Path folder, List<Path> made, FileChannel channel, boolean marked) {
    this.folder = folder;
    this.made = made;
    this.channel = channel;
    this.marked = marked;
  }

  /** Returns whether a folder belongs to runs of this program. */
  public static boolean marks(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /**
   * Takes a folder, which is made where it is missing.
   *
   * @param setting the setting that names it, for messages
   * @throws InputException if another run holds it, or it cannot be written to
   */
  public static FolderLock take(Path folder, String setting) {
    List<Path> made = missing(folder);
    boolean marked = marks(folder);
    try {
      Files.createDirectories(folder);
      return new FolderLock(folder, made, lock(folder, setting), marked);
    } catch (IOException e) {
      remove(made);
      throw new InputException(
          setting
              + " must be a folder that can be written to, got "
              + folder
              + " ("
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage()
              + ")",
          e);
    }
  }

  private static FileChannel lock(Path folder, String setting) throws IOException {
    Path file = folder.resolve(FILE);
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      boolean locked = isFree(channel);
      if (!locked) {
        channel.close();
        throw new InputException(
            setting + " must not be in use by another run, got " + folder + "; wait for its end");
      }
      // A run that was refused may have removed the file between the two calls.
      if (Files.exists(file)) {
        return channel;
      }
      channel.close();
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // This process holds it.
      return false;
    }
  }

  /** Returns the folders that have to be made for {@code folder} to be there, outermost last. */
  private static List<Path> missing(Path folder) {
    List<Path> missing = new ArrayList<>();
    for (Path at = folder.toAbsolutePath();
        at != null && Files.notExists(at);
        at = at.getParent()) {
      missing.add(at);
    }
    return missing;
  }

  private static void remove(List<Path> made) {
    try {
      for (Path folder : made) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // Not empty, or not ours to remove: then it stays.
      return;
    }
  }

  /** Returns whether the folder belonged to runs of this program before. */
  boolean wasMarked() {
    return marked;
  }

  /** Gives the folder back as it was found. */
  void abandon() {
    release(!marked);
  }

  /** Gives the folder back; where nothing was written, nothing of it stays behind. */
  @Override
  public void close() {
    release(false);
  }

  private void release(boolean unmark) {
    if (!channel.isOpen()) {
      return;
    }
    try {
      boolean unused;
      try (Stream<Path> entries = Files.list(folder)) {
        unused = entries.allMatch(entry -> entry.equals(folder.resolve(FILE)));
      }
      if (unused || unmark) {
        Files.deleteIfExists(folder.resolve(FILE));
        remove(made);
      }
      channel.close();
    } catch (IOException e) {
      // The lock goes with the process at the latest.
      return;
    }
  }
}
