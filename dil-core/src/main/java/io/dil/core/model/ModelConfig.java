package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import java.util.Set;

/**
 * Reads a {@code config.json} strictly: a value that is missing, of the wrong type or out of range
 * is an error that names the key, and a feature that is not implemented is refused, never guessed.
 *
 * @param where the file, for messages
 * @param json its content
 */
public record ModelConfig(String where, JsonNode json) {
  /** No number of a configuration that means anything is larger. */
  public static final double LARGEST = 1e12;

  /** Returns a positive integer. */
  public int size(String key) {
    JsonNode node = json.path(key);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() <= 0) {
      throw new InputException(
          where + ": '" + key + "' must be a positive integer, got " + shown(node));
    }
    return node.asInt();
  }

  /** Returns a positive integer, or {@code otherwise} where the key is absent or null. */
  public int size(String key, int otherwise) {
    return json.hasNonNull(key) ? size(key) : otherwise;
  }

  /** Returns a number that fp32 can hold, and a product of a few such. */
  public double number(String key, double otherwise) {
    return number(key, otherwise, -LARGEST, LARGEST);
  }

  /** Returns a number of an interval, both ends of which belong to it. */
  public double number(String key, double otherwise, double least, double most) {
    JsonNode node = json.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isNumber() || !(node.asDouble() >= least && node.asDouble() <= most)) {
      String range = least == -LARGEST && !node.isNumber() ? "" : " from " + least + " to " + most;
      throw new InputException(
          where + ": '" + key + "' must be a number" + range + ", got " + shown(node));
    }
    return node.asDouble();
  }

  /** Returns a truth value. */
  public boolean flag(String key, boolean otherwise) {
    JsonNode node = json.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw new InputException(where + ": '" + key + "' must be true or false, got " + shown(node));
    }
    return node.asBoolean();
  }

  /** Returns a string that must be one of {@code allowed}. */
  public String choice(String key, String otherwise, Set<String> allowed) {
    String value = json.hasNonNull(key) ? json.path(key).asText() : otherwise;
    if (!allowed.contains(value)) {
      throw new InputException(
          where + ": '" + key + "' must be one of " + allowed + ", got '" + value + "'");
    }
    return value;
  }

  /** Refuses a key that is set, with the reason. */
  public void refuse(String key, String reason) {
    JsonNode node = json.path(key);
    if (!node.isMissingNode() && !node.isNull() && !(node.isBoolean() && !node.asBoolean())) {
      throw new InputException(where + ": '" + key + "' is not supported: " + reason);
    }
  }

  /** Returns this configuration with a part of it in its place. */
  public ModelConfig part(String key) {
    return new ModelConfig(where + ": " + key, json.path(key));
  }

  private static String shown(JsonNode node) {
    return node.isMissingNode() ? "nothing" : node.toString();
  }
}
