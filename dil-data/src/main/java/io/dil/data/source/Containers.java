package io.dil.data.source;

import io.dil.core.InputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Opens a file as rows: tells compression and container from its first bytes, not from its name.
 */
public final class Containers {
  private static final int BUFFER = 1 << 17;
  private static final int GZIP_BUFFER = 1 << 16;

  private Containers() {}

  /**
   * Opens a file.
   *
   * @throws InputException if it is missing, empty, cut short or of a kind that is not known
   */
  public static RowReader open(DataFile file) {
    try {
      return new NamedErrors(file, reader(file, decompressed(file)));
    } catch (NoSuchFileException e) {
      throw new InputException(file.shown() + ": no such file", e);
    } catch (IOException e) {
      throw named(file, 1, e);
    }
  }

  private static InputStream decompressed(DataFile file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file.path()), BUFFER);
    int first = peek(raw, 2);
    if (first < 0) {
      raw.close();
      throw new InputException(
          file.shown() + ": file must hold at least one row, got an empty file");
    }
    if (first == 0x1f8b) {
      return new BufferedInputStream(new GZIPInputStream(raw, GZIP_BUFFER), BUFFER);
    }
    return raw;
  }

  private static RowReader reader(DataFile file, InputStream in) throws IOException {
    return new JsonLinesReader(file, in);
  }

  /** Returns the next bytes as one number without consuming them, or -1 if there are none. */
  private static int peek(InputStream in, int bytes) throws IOException {
    in.mark(bytes);
    int value = in.read();
    if (value < 0) {
      return -1;
    }
    for (int i = 1; i < bytes; i++) {
      int next = in.read();
      value = (value << 8) | Math.max(next, 0);
    }
    in.reset();
    return value;
  }

  /** Puts the file's name in front of what the stream underneath complains about. */
  private record NamedErrors(DataFile file, RowReader rows) implements RowReader {
    @Override
    public @Nullable Row next() throws IOException {
      try {
        return rows.next();
      } catch (IOException e) {
        throw named(file, rows.line(), e);
      }
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }

    @Override
    public long line() {
      return rows.line();
    }
  }

  private static InputException named(DataFile file, long line, IOException e) {
    String place = file.shown() + ":" + line;
    if (e instanceof EOFException) {
      return new InputException(
          place + ": compressed file ends too early; it was cut or is still being written", e);
    }
    return new InputException(place + ": cannot be read: " + e.getMessage(), e);
  }
}
