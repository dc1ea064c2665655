package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.StringJoiner;

/** JSON that a person can read and compare by lines: whatever fits on one line stands on one. */
final class ResultText {
  private static final int WIDTH = 150;
  private static final int DIGITS = 4;

  /** Below this a number is what rounding left of 0. */
  private static final double NOTHING = 1e-12;

  private ResultText() {}

  /** Returns a number with the digits that results have. */
  static double rounded(double value) {
    if (!Double.isFinite(value) || Math.abs(value) < NOTHING) {
      return Double.isFinite(value) ? 0 : value;
    }
    return new BigDecimal(value).round(new MathContext(DIGITS)).doubleValue();
  }

  /** Adds a rounded number; an infinite one is {@code null}. */
  static void add(ArrayNode list, double value) {
    if (Double.isFinite(value)) {
      list.add(rounded(value));
    } else {
      list.addNull();
    }
  }

  static String of(JsonNode node) {
    return text(node, "") + "\n";
  }

  private static String text(JsonNode node, String indent) {
    String line = node.toString();
    if (!node.isContainerNode() || indent.length() + line.length() <= WIDTH) {
      return line;
    }
    String deeper = indent + "  ";
    boolean object = node.isObject();
    StringJoiner parts =
        new StringJoiner(
            ",\n" + deeper,
            (object ? "{\n" : "[\n") + deeper,
            "\n" + indent + (object ? "}" : "]"));
    if (object) {
      node.fieldNames()
          .forEachRemaining(
              name -> parts.add("\"" + name + "\": " + text(node.path(name), deeper)));
    } else {
      node.forEach(child -> parts.add(text(child, deeper)));
    }
    return parts.toString();
  }
}
