package io.dil.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.losses.Nearest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** A map of a YAML file: what a key may be, and errors that name file and key. */
public final class YamlNode {
  private final String place;
  private final JsonNode node;

  /**
   * Wraps a map.
   *
   * @param place the file and the key, for errors
   * @param keys every key that it may have
   * @throws InputException if it is no map, or has another key
   */
  public YamlNode(String place, JsonNode node, List<String> keys) {
    this.place = place;
    this.node = node;
    if (!node.isObject()) {
      throw new InputException(place + ": must be a map with keys of " + keys + ", got " + node);
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!keys.contains(name)) {
        throw new InputException(
            place
                + ": unknown key '"
                + name
                + "', must be one of "
                + keys
                + Nearest.hint(name, keys, "; did you mean '", "'?"));
      }
    }
  }

  /** Returns the file and the key, for errors. */
  public String place() {
    return place;
  }

  /** Returns whether a key is there, with a value. */
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** Returns what stands under a key. */
  public JsonNode get(String key) {
    return node.path(key);
  }

  /** Returns a text that must be there. */
  public String text(String key) {
    JsonNode value = node.path(key);
    if (!value.isValueNode() || value.isNull()) {
      throw error(key, "a text");
    }
    return value.asText();
  }

  /** Returns a text, or another where there is none. */
  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /** Returns a whole number that must be there. */
  public int count(String key, int least) {
    JsonNode value = node.path(key);
    if (!value.isInt() || value.intValue() < least) {
      throw error(key, "a whole number of at least " + least);
    }
    return value.intValue();
  }

  /** Returns a whole number, or another where there is none. */
  public int count(String key, int least, int otherwise) {
    return has(key) ? count(key, least) : otherwise;
  }

  /** Returns a number, if there is one. */
  public OptionalDouble number(String key) {
    if (!has(key)) {
      return OptionalDouble.empty();
    }
    if (!node.path(key).isNumber()) {
      throw error(key, "a number");
    }
    return OptionalDouble.of(node.path(key).doubleValue());
  }

  /** Returns a list of texts, or the one text that stands there; empty if the key is not there. */
  public List<String> texts(String key) {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    for (JsonNode one : value.isArray() ? value : List.of(value)) {
      if (!one.isValueNode()) {
        throw error(key, "a text or a list of texts");
      }
      all.add(one.asText());
    }
    return List.copyOf(all);
  }

  /** Returns a map of lists of texts; empty if the key is not there. */
  public Map<String, List<String>> textLists(String key) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw error(key, "a map");
    }
    List<String> names = new ArrayList<>();
    value.fieldNames().forEachRemaining(names::add);
    YamlNode inner = new YamlNode(place + ": " + key, value, names);
    Map<String, List<String>> all = new LinkedHashMap<>();
    names.forEach(name -> all.put(name, inner.texts(name)));
    return all;
  }

  /** Returns the element of {@code names} that the key has. */
  public String oneOf(String key, List<String> names, String otherwise) {
    String value = text(key, otherwise);
    if (!names.contains(value)) {
      throw error(key, "one of " + names);
    }
    return value;
  }

  /** Returns the error of a key that breaks a rule. */
  public InputException error(String key, String rule) {
    JsonNode value = node.path(key);
    return new InputException(
        place
            + ": "
            + key
            + " must be "
            + rule
            + ", got "
            + (value.isMissingNode() ? "nothing" : value));
  }
}
