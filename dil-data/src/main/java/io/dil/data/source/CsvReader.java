package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads comma-separated values as RFC 4180 has them: a header, fields in double quotes that may
 * hold commas, line breaks and doubled quotes. Every value is text.
 */
final class CsvReader implements RowReader {
  private final DataFile file;
  private final InputStream in;
  private @Nullable List<String> header;
  private long line = 1;
  private boolean blank;

  CsvReader(DataFile file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  @Override
  public @Nullable Row next() throws IOException {
    if (header == null) {
      header = header();
    }
    while (true) {
      long at = line;
      List<byte[]> fields = fields();
      if (fields == null) {
        return null;
      }
      // A line without a single character is no row, at the end as well as between rows.
      if (!blank) {
        return new CsvRow(file, at, header, fields);
      }
    }
  }

  private List<String> header() throws IOException {
    List<byte[]> fields = fields();
    if (fields == null) {
      throw new InputException(file.shown() + ":1: file must begin with a header, got none");
    }
    List<String> names = new ArrayList<>();
    for (byte[] field : fields) {
      String name = JsonText.decode(file.shown() + ":1", field);
      // Excel writes a byte order mark.
      names.add(names.isEmpty() && name.startsWith("\uFEFF") ? name.substring(1) : name);
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new InputException(
          file.shown() + ":1: column names must differ, got " + oneLine(names));
    }
    return names;
  }

  private static String oneLine(List<String> names) {
    return String.join(", ", names).replaceAll("\\R", " ");
  }

  private @Nullable List<byte[]> fields() throws IOException {
    int b = in.read();
    if (b < 0) {
      return null;
    }
    int first = b;
    List<byte[]> fields = new ArrayList<>();
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    long size = 0;
    while (true) {
      if (b == '"' && field.size() == 0) {
        b = quoted(field);
      } else {
        while (b >= 0 && b != ',' && b != '\n') {
          field.write(b);
          b = in.read();
        }
      }
      size += field.size();
      if (size > JsonLinesReader.LONGEST_ROW) {
        throw error("row must be at most " + JsonLinesReader.LONGEST_ROW + " bytes, got more");
      }
      fields.add(b == ',' ? field.toByteArray() : withoutReturn(field.toByteArray()));
      field.reset();
      if (b != ',') {
        line++;
        blank = fields.size() == 1 && fields.get(0).length == 0 && first != '"';
        return fields;
      }
      b = in.read();
    }
  }

  /** Reads a quoted field after its first quote; returns the byte after its last. */
  private int quoted(ByteArrayOutputStream field) throws IOException {
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw error("quoted field must end with a quote, got the end of the file");
      }
      if (b == '\n') {
        line++;
      }
      if (b != '"') {
        field.write(b);
        if (field.size() > JsonLinesReader.LONGEST_ROW) {
          throw error("row must be at most " + JsonLinesReader.LONGEST_ROW + " bytes, got more");
        }
        continue;
      }
      b = in.read();
      if (b == '"') {
        field.write('"');
        continue;
      }
      if (b == '\r') {
        b = in.read();
      }
      if (b >= 0 && b != ',' && b != '\n') {
        throw error(
            "quoted field must be followed by a comma or a line end, got '" + (char) b + "'");
      }
      return b;
    }
  }

  private static byte[] withoutReturn(byte[] field) {
    int n = field.length;
    return n > 0 && field[n - 1] == '\r' ? java.util.Arrays.copyOf(field, n - 1) : field;
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

  /** A row of fields, undecoded. */
  private record CsvRow(DataFile file, long line, List<String> header, List<byte[]> fields)
      implements Row {
    @Override
    public String place() {
      return file.shown() + ":" + line;
    }

    @Override
    public String id() {
      return file.name() + ":" + line;
    }

    @Override
    public JsonNode columns() {
      if (fields.size() != header.size()) {
        throw new InputException(
            place() + ": row must have " + header.size() + " fields, got " + fields.size());
      }
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < fields.size(); i++) {
        row.put(header.get(i), JsonText.decode(place(), fields.get(i)));
      }
      return row;
    }
  }
}
