package io.dil.train.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A list of strings as Python writes it, {@code ['a', "b's"]}, which some data sets hold as text.
 */
final class PythonList {
  private final String text;
  private int at;

  private PythonList(String text) {
    this.text = text;
  }

  /** Returns the strings, or nothing where the text is no such list. */
  static Optional<List<String>> parse(String text) {
    try {
      return Optional.of(new PythonList(text.strip()).list());
    } catch (IllegalStateException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private List<String> list() {
    List<String> items = new ArrayList<>();
    take('[');
    space();
    while (peek() != ']') {
      items.add(string());
      space();
      if (peek() == ',') {
        at++;
        space();
      } else if (peek() != ']') {
        throw new IllegalStateException("list must go on with a comma");
      }
    }
    at++;
    if (at != text.length()) {
      throw new IllegalStateException("text must end with its list");
    }
    return items;
  }

  private String string() {
    char quote = peek();
    if (quote != '\'' && quote != '"') {
      throw new IllegalStateException("element must be a string");
    }
    at++;
    StringBuilder out = new StringBuilder();
    while (peek() != quote) {
      char c = text.charAt(at++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = peek();
      at++;
      switch (escaped) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'x' -> out.append((char) hex(2));
        case 'u' -> out.append((char) hex(4));
        case 'U' -> out.appendCodePoint(hex(8));
        case '\\', '\'', '"' -> out.append(escaped);
        // Python keeps the backslash of what is no escape.
        default -> out.append('\\').append(escaped);
      }
    }
    at++;
    return out.toString();
  }

  private int hex(int digits) {
    if (at + digits > text.length()) {
      throw new IllegalStateException("escape must be whole");
    }
    String word = text.substring(at, at + digits);
    at += digits;
    try {
      return Integer.parseUnsignedInt(word, 16);
    } catch (NumberFormatException e) {
      throw new IllegalStateException("escape must be hexadecimal", e);
    }
  }

  private void take(char wanted) {
    if (peek() != wanted) {
      throw new IllegalStateException("list must have " + wanted);
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw new IllegalStateException("list must be whole");
    }
    return text.charAt(at);
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
