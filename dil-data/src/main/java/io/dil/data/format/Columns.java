package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads typed columns out of a row, with errors that name the column and what it held. */
final class Columns {
  private static final int SHOWN = 40;

  private Columns() {}

  /** Returns the text of a column, or fails if it is missing or not a string. */
  static String text(JsonNode row, String column) {
    JsonNode value = required(row, column);
    if (!value.isTextual()) {
      throw wrongType(column, "a string", value);
    }
    return value.textValue();
  }

  /** Returns a column's value, or fails if it is missing or null. */
  static JsonNode required(JsonNode row, String column) {
    JsonNode value = row.get(column);
    if (value == null || value.isNull()) {
      throw new RowException(
          "row must have a column '"
              + column
              + "', got "
              + (row.isObject() ? names(row) : kind(row)));
    }
    return value;
  }

  /** Returns the finite number of a column. */
  static double number(JsonNode row, String column) {
    JsonNode value = required(row, column);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrongType(column, "a number", value);
    }
    return value.doubleValue();
  }

  /** Returns a column that says yes or no: true and false, 1 and 0. */
  static boolean flag(JsonNode row, String column) {
    JsonNode value = required(row, column);
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    String text = value.asText().toLowerCase(Locale.ROOT);
    if (text.equals("true") || text.equals("1") || text.equals("1.0")) {
      return true;
    }
    if (text.equals("false") || text.equals("0") || text.equals("0.0")) {
      return false;
    }
    throw wrongType(column, "true or false", value);
  }

  /** Returns the row's own id from the first of the columns that has one, or the one given. */
  static String id(JsonNode row, String otherwise, String... columns) {
    for (String column : columns) {
      JsonNode value = row.get(column);
      if (value != null && value.isValueNode() && !value.isNull()) {
        return value.asText();
      }
    }
    return otherwise;
  }

  /** Makes the error for a column of the wrong type. */
  static RowException wrongType(String column, String expected, JsonNode value) {
    return new RowException(
        "column '" + column + "' must be " + expected + ", got " + kind(value) + shown(value));
  }

  private static String shown(JsonNode value) {
    if (value.isContainerNode()) {
      return "";
    }
    String text = value.asText().replaceAll("\\R", " ");
    return " " + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
  }

  private static String kind(JsonNode value) {
    return value.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static String names(JsonNode row) {
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    return names.isEmpty()
        ? "no columns"
        : "columns " + String.join(", ", names).replaceAll("\\R", " ");
  }
}
