package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dil.core.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fields of a row by the names that a task gives them: published layouts of one benchmark call
 * the same field differently.
 *
 * @param names for a task's name, the columns that may hold it, dots leading into objects; a name
 *     that is not listed is a column itself
 */
record Fields(Map<String, List<String>> names) {
  /** Returns a field, missing if no column of it is there. */
  JsonNode find(JsonNode row, String name) {
    for (String column : names.getOrDefault(name, List.of(name))) {
      JsonNode value = row;
      for (String part : column.split("\\.", -1)) {
        value = value.path(part);
      }
      if (!value.isMissingNode() && !value.isNull()) {
        return value;
      }
    }
    return MissingNode.getInstance();
  }

  /** Returns a field that must be there. */
  JsonNode get(JsonNode row, String place, String name) {
    JsonNode value = find(row, name);
    if (value.isMissingNode()) {
      List<String> columns = new ArrayList<>();
      row.fieldNames().forEachRemaining(columns::add);
      throw new InputException(
          place
              + ": row must have "
              + String.join(" or ", names.getOrDefault(name, List.of(name)))
              + ", got the columns "
              + columns);
    }
    return value;
  }

  /** Returns a field as text. */
  String text(JsonNode row, String place, String name) {
    JsonNode value = get(row, place, name);
    if (!value.isValueNode()) {
      throw new InputException(place + ": " + name + " must be a text, got " + value);
    }
    return value.asText();
  }

  /** Returns a field as texts: a list, or a list as Python writes it. */
  List<String> texts(JsonNode row, String place, String name) {
    JsonNode value = get(row, place, name);
    if (value.isTextual()) {
      return PythonList.parse(value.textValue())
          .orElseThrow(
              () ->
                  new InputException(place + ": " + name + " must be a list of texts, got a text"));
    }
    if (!value.isArray()) {
      throw new InputException(place + ": " + name + " must be a list of texts, got " + value);
    }
    List<String> all = new ArrayList<>();
    for (JsonNode one : value) {
      if (!one.isValueNode()) {
        throw new InputException(place + ": " + name + " must be a list of texts, got " + value);
      }
      all.add(one.asText());
    }
    return all;
  }
}
