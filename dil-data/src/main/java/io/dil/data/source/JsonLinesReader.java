package io.dil.data.source;

import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a file with one JSON object a line; empty lines are passed over. */
final class JsonLinesReader implements RowReader {
  private static final int BLOCK = 1 << 16;

  /** No published row comes near this; a line beyond it is a file that is not JSON lines. */
  static final int LONGEST_ROW = 64 << 20;

  private final DataFile file;
  private final InputStream in;
  private final byte[] block = new byte[BLOCK];
  private int position;
  private int limit;
  private long line;

  JsonLinesReader(DataFile file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  @Override
  public @Nullable Row next() throws IOException {
    while (true) {
      byte[] bytes = readLine();
      if (bytes == null) {
        return null;
      }
      if (!isBlank(bytes)) {
        return new JsonRow(file, line, bytes);
      }
    }
  }

  @Override
  public long line() {
    return line;
  }

  private byte @Nullable [] readLine() throws IOException {
    line++;
    ByteArrayOutputStream rest = null;
    while (true) {
      if (position == limit && !fill()) {
        return rest == null || rest.size() == 0 ? null : rest.toByteArray();
      }
      int end = position;
      while (end < limit && block[end] != '\n') {
        end++;
      }
      boolean complete = end < limit;
      if (complete && rest == null) {
        byte[] bytes = Arrays.copyOfRange(block, position, end);
        position = end + 1;
        return bytes;
      }
      if (rest == null) {
        rest = new ByteArrayOutputStream(2 * (end - position));
      }
      rest.write(block, position, end - position);
      position = complete ? end + 1 : end;
      if (complete) {
        return rest.toByteArray();
      }
      if (rest.size() > LONGEST_ROW) {
        throw new InputException(
            file.shown()
                + ":"
                + line
                + ": row must be at most "
                + LONGEST_ROW
                + " bytes, got more");
      }
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = 0;
    int n = in.read(block, 0, block.length);
    if (n <= 0) {
      return false;
    }
    limit = n;
    return true;
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
