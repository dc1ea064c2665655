package io.dil.data.source;

import com.github.luben.zstd.ZstdInputStream;
import io.dil.core.InputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.function.LongPredicate;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Opens a file as rows: tells compression and container from its first bytes, not from its name. A
 * container of a user, see {@link Container}, is told by its name.
 */
public final class Containers {
  private static final int BUFFER = 1 << 17;
  private static final int GZIP_BUFFER = 1 << 16;
  private static final int GZIP = 0x1f8b;
  private static final int ZSTD = 0x28b52ffd;

  /** The letters PAR1. */
  private static final int PARQUET = 0x50415231;

  private static final byte[] LFS =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  /** The byte order mark in UTF-8. */
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /** No file begins so: the mark of one without bytes. */
  private static final int EMPTY = -1;

  /** Those that are found on the class path. */
  private static final List<Container> OWN =
      ServiceLoader.load(Container.class).stream().map(ServiceLoader.Provider::get).toList();

  private Containers() {}

  /**
   * Opens a file.
   *
   * @throws InputException if it is missing, empty, cut short or of a kind that is not known
   */
  public static RowReader open(DataFile file) {
    return open(file, group -> true, row -> true);
  }

  /**
   * Opens a file of which only a part is read. The rest gives {@link RowElsewhere}, as many as it
   * has rows.
   *
   * @param groups which row groups of a Parquet file are read, counted from 0
   * @param rows which rows of another file are kept, counted from 0
   * @throws InputException as {@link #open(DataFile)}
   */
  public static RowReader open(DataFile file, LongPredicate groups, LongPredicate rows) {
    try {
      return new NamedErrors(file, rows(file, groups, rows));
    } catch (NoSuchFileException e) {
      throw new InputException(file.shown() + ": no such file", e);
    } catch (IOException e) {
      throw named(file, 1, e);
    }
  }

  /** Returns the endings of the files that users' own containers read. */
  static List<String> ownEndings() {
    return OWN.stream().map(Container::ending).toList();
  }

  private static RowReader rows(DataFile file, LongPredicate groups, LongPredicate rows)
      throws IOException {
    String name = file.name().toLowerCase(Locale.ROOT);
    for (Container own : OWN) {
      if (name.endsWith(own.ending())) {
        return new PartOfRows(own.open(file), rows);
      }
    }
    return isParquet(file)
        ? new ParquetReader(file, groups)
        : new PartOfRows(textReader(file, decompressed(file)), rows);
  }

  private static boolean isParquet(DataFile file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file.path()))) {
      return peek(in, 4) == PARQUET;
    }
  }

  private static InputStream decompressed(DataFile file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file.path()), BUFFER);
    int first = peek(raw, 4);
    if (first == EMPTY) {
      raw.close();
      throw new InputException(
          file.shown() + ": file must hold at least one row, got an empty file");
    }
    if (first >>> 16 == GZIP) {
      return new BufferedInputStream(new GZIPInputStream(raw, GZIP_BUFFER), BUFFER);
    }
    if (first == ZSTD) {
      return new BufferedInputStream(new ZstdInputStream(raw), BUFFER);
    }
    return raw;
  }

  private static RowReader textReader(DataFile file, InputStream in) throws IOException {
    passMark(in);
    if (startsWith(in, LFS)) {
      in.close();
      throw new InputException(
          file.shown()
              + ": file must hold rows, got a Git LFS pointer; fetch the data itself with git lfs"
              + " pull");
    }
    if (endsWith(file, ".csv")) {
      return new CsvReader(file, in);
    }
    return firstVisible(in) == '[' ? new JsonArrayReader(file, in) : new JsonLinesReader(file, in);
  }

  /** Passes over the mark that Windows programs put before text in UTF-8. */
  private static void passMark(InputStream in) throws IOException {
    if (startsWith(in, MARK)) {
      in.skipNBytes(MARK.length);
    }
  }

  private static boolean startsWith(InputStream in, byte[] wanted) throws IOException {
    in.mark(wanted.length);
    byte[] first = in.readNBytes(wanted.length);
    in.reset();
    return Arrays.equals(first, wanted);
  }

  private static boolean endsWith(DataFile file, String ending) {
    String name = file.name().toLowerCase(Locale.ROOT);
    return name.endsWith(ending) || name.endsWith(ending + ".gz") || name.endsWith(ending + ".zst");
  }

  /**
   * Returns the first byte that is not white space, without consuming it; -1 if there is none near.
   */
  private static int firstVisible(InputStream in) throws IOException {
    in.mark(BUFFER);
    int b = in.read();
    for (int i = 1; i < BUFFER && (b == ' ' || b == '\n' || b == '\r' || b == '\t'); i++) {
      b = in.read();
    }
    in.reset();
    return b;
  }

  /** Returns the next bytes as one number without consuming them, zeros after the end. */
  private static int peek(InputStream in, int bytes) throws IOException {
    in.mark(bytes);
    int value = EMPTY;
    for (int i = 0; i < bytes; i++) {
      int next = in.read();
      if (next < 0 && i == 0) {
        break;
      }
      value = ((i == 0 ? 0 : value) << 8) | Math.max(next, 0);
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

  /** Text has no places to jump to, so that all of it is gone through, but not kept. */
  private static final class PartOfRows implements RowReader {
    private final RowReader all;
    private final LongPredicate kept;
    private long number;

    PartOfRows(RowReader all, LongPredicate kept) {
      this.all = all;
      this.kept = kept;
    }

    @Override
    public @Nullable Row next() throws IOException {
      Row row = all.next();
      return row == null || kept.test(number++) ? row : RowElsewhere.ROW;
    }

    @Override
    public long line() {
      return all.line();
    }

    @Override
    public void close() throws IOException {
      all.close();
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
