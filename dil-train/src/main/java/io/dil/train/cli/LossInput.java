package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers that a loss is evaluated on, read from a JSON file and checked.
 *
 * @param file where they come from, for messages
 * @param root the whole document
 */
record LossInput(Path file, JsonNode root) {
  private static final List<String> FIELDS =
      List.of("policy", "reference", "tokens", "desirable", "kl", "margins");

  static LossInput read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException unreadable) {
      throw new InputException(file + ": cannot be read: " + unreadable, unreadable);
    }
    try {
      JsonNode root =
          new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text);
      LossInput input = new LossInput(file, root);
      input.checkFields();
      return input;
    } catch (JsonProcessingException malformed) {
      long line = malformed.getLocation() == null ? 1 : malformed.getLocation().getLineNr();
      throw new InputException(
          file + ":" + line + ": must be JSON, got: " + malformed.getOriginalMessage(), malformed);
    }
  }

  private void checkFields() {
    if (!root.isObject()) {
      throw wrong("the document", "a JSON object", root);
    }
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      String name = field.getKey();
      if (!FIELDS.contains(name)) {
        throw new InputException(
            String.format(
                "%s: field must be one of %s, got %s", file, String.join(", ", FIELDS), name));
      }
    }
  }

  /** Returns whether the policy's numbers come as pairs rather than as single responses. */
  boolean isPairs() {
    return root.path("policy").has("chosen");
  }

  /** Returns the numbers at a place, if the document holds it. */
  Optional<double[]> numbers(String... path) {
    JsonNode node = root;
    for (String name : path) {
      node = node.path(name);
    }
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    String place = String.join(".", path);
    if (!node.isArray() || node.isEmpty()) {
      throw wrong(place, "a list of numbers, not empty", node);
    }
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(place + "[" + i + "]", node.get(i));
    }
    return Optional.of(values);
  }

  /** Returns as many numbers as {@code length} says, which must be there. */
  double[] numbers(int length, String... path) {
    double[] values = numbers(path).orElseThrow(() -> missing(String.join(".", path)));
    if (values.length != length) {
      throw new InputException(
          String.format(
              "%s: %s must hold %d numbers, one a response, got %d",
              file, String.join(".", path), length, values.length));
    }
    return values;
  }

  /** Returns token counts: whole numbers, at least 1. */
  double[] tokens(int length, String... path) {
    double[] counts = numbers(length, path);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 1 || counts[i] != Math.rint(counts[i])) {
        throw new InputException(
            String.format(
                "%s: %s[%d] must be a whole number of tokens, at least 1, got %s",
                file, String.join(".", path), i, counts[i]));
      }
    }
    return counts;
  }

  /** Returns labels as 1 and 0; both numbers and truth values are taken. */
  double[] labels(int length) {
    double[] labels = numbers(length, "desirable");
    if (!Arrays.stream(labels).allMatch(label -> label == 0 || label == 1)) {
      throw wrong("desirable", "a list of true and false, or of 1 and 0", root.path("desirable"));
    }
    return labels;
  }

  /** Returns the KL estimate. */
  double kl() {
    JsonNode node = root.path("kl");
    if (node.isMissingNode()) {
      throw missing("kl");
    }
    return number("kl", node);
  }

  InputException missing(String place) {
    return new InputException(file + ": " + place + " must be given for this loss, got none");
  }

  private double number(String place, JsonNode node) {
    if (node.isBoolean()) {
      return node.asBoolean() ? 1 : 0;
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(place, "a finite number", node);
    }
    return node.doubleValue();
  }

  private InputException wrong(String place, String rule, JsonNode got) {
    return new InputException(String.format("%s: %s must be %s, got %s", file, place, rule, got));
  }
}
