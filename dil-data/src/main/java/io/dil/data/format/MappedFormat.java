package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.Parsed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A format whose columns have other names in the data.
 *
 * @param format the format
 * @param columns for a column of the format, the name of the column in the data, or the path to it:
 *     names and numbers with points between them
 */
record MappedFormat(RowFormat format, Map<String, String> columns) implements RowFormat {
  /** Reads {@code column=name,column=name}. */
  static Map<String, String> parse(String mapping) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (String part : mapping.split(",", -1)) {
      int sign = part.indexOf('=');
      if (sign <= 0 || sign == part.length() - 1) {
        throw new InputException(
            "columns of a data set must be COLUMN=NAME, separated by commas, got " + part);
      }
      columns.put(part.substring(0, sign), part.substring(sign + 1));
    }
    return columns;
  }

  /** The format's name and the columns, so that another mapping is other data. */
  @Override
  public String name() {
    return format.name()
        + columns.entrySet().stream()
            .map(entry -> "," + entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining());
  }

  @Override
  public String summary() {
    return format.summary();
  }

  @Override
  public boolean fits(JsonNode row) {
    return false;
  }

  @Override
  public String exampleRow() {
    return format.exampleRow();
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    return format.read(id, mapped(row));
  }

  /** Returns a row with the columns under the names that the format knows. */
  JsonNode mapped(JsonNode row) {
    ObjectNode mapped = row.deepCopy();
    columns.forEach((column, path) -> mapped.set(column, found(row, path)));
    return mapped;
  }

  private static JsonNode found(JsonNode row, String path) {
    JsonNode whole = row.get(path);
    if (whole != null) {
      return whole;
    }
    JsonNode at = row;
    for (String part : path.split("\\.", -1)) {
      boolean number = part.matches("\\d{1,9}");
      at = number && at.isArray() ? at.path(Integer.parseInt(part)) : at.path(part);
    }
    return at.isMissingNode() ? Columns.required(row, path) : at;
  }
}
