package io.dil.data.source;

import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file that is one JSON array of objects, an element at a time. Only brackets and strings
 * are followed here; each element's own grammar is checked when it is decoded.
 */
final class JsonArrayReader implements RowReader {
  private final DataFile file;
  private final InputStream in;
  private long line = 1;
  private boolean opened;
  private boolean ended;

  JsonArrayReader(DataFile file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  @Override
  public @Nullable Row next() throws IOException {
    if (ended) {
      return null;
    }
    int first = skipSpace();
    if (!opened) {
      expect('[', first);
      opened = true;
      first = skipSpace();
      if (first == ']') {
        return end();
      }
    } else if (first == ']') {
      return end();
    } else {
      expect(',', first);
      first = skipSpace();
    }
    expect('{', first);
    long at = line;
    return new JsonRow(file, at, element());
  }

  private byte[] element() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    bytes.write('{');
    int depth = 1;
    boolean inString = false;
    while (depth > 0) {
      int b = read();
      if (b < 0) {
        throw error("array ends inside an element; the file was cut");
      }
      bytes.write(b);
      if (inString) {
        if (b == '\\') {
          int escaped = read();
          if (escaped >= 0) {
            bytes.write(escaped);
          }
        } else if (b == '"') {
          inString = false;
        }
      } else if (b == '"') {
        inString = true;
      } else if (b == '{' || b == '[') {
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
      }
      if (bytes.size() > JsonLinesReader.LONGEST_ROW) {
        throw error("row must be at most " + JsonLinesReader.LONGEST_ROW + " bytes, got more");
      }
    }
    return bytes.toByteArray();
  }

  private @Nullable Row end() throws IOException {
    ended = true;
    if (skipSpace() >= 0) {
      throw error("file must end after its array, got more");
    }
    return null;
  }

  private void expect(char wanted, int got) {
    if (got != wanted) {
      throw error(
          "array of rows must have '"
              + wanted
              + "' here, got "
              + (got < 0 ? "the end of the file" : "'" + (char) got + "'"));
    }
  }

  private int skipSpace() throws IOException {
    int b = read();
    while (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
      b = read();
    }
    return b;
  }

  private int read() throws IOException {
    int b = in.read();
    if (b == '\n') {
      line++;
    }
    return b;
  }

  private InputException error(String what) {
    return new InputException(file.shown() + ":" + line + ": " + what);
  }

  @Override
  public long line() {
    return line;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
