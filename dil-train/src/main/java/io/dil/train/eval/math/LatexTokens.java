package io.dil.train.eval.math;

import java.util.Set;

/**
 * Reads LaTeX token by token: a command, a digit, a letter, a differential ({@code dx}) or a sign.
 * White space and spacing commands are passed over.
 */
final class LatexTokens {
  /** What stands behind the last token. */
  static final String END = "";

  private static final Set<String> SPACING =
      Set.of(
          "\\thinspace",
          "\\medspace",
          "\\thickspace",
          "\\quad",
          "\\qquad",
          "\\negthinspace",
          "\\negmedspace",
          "\\negthickspace",
          "\\left",
          "\\right");

  private static final String SPACING_SIGNS = ",:;!*-./\"(=";
  private static final String SIGNS = "+-*/(){}[]|_^:<>!'=,.&";

  private final String text;
  private int at;

  LatexTokens(String text) {
    this.text = text;
  }

  /** Returns where the reader stands, for {@link #back}. */
  int position() {
    return at;
  }

  /** Goes back to where the reader stood. */
  void back(int position) {
    at = position;
  }

  /**
   * Returns the next token without going on.
   *
   * @throws UnreadableException if no token begins so
   */
  String peek() {
    int start = at;
    String token = next();
    at = start;
    return token;
  }

  /** Returns the next token. */
  String next() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        at++;
      } else if (c == '\\') {
        String command = command();
        if (!command.isEmpty()) {
          return command;
        }
      } else if (c == 'd' && differential() > at) {
        int end = differential();
        String token = "d " + text.substring(at + 1, end).strip();
        at = end;
        return token;
      } else if (isLetter(c) || isDigit(c) || SIGNS.indexOf(c) >= 0) {
        at++;
        return String.valueOf(c);
      } else {
        throw new UnreadableException("character " + c);
      }
    }
    return END;
  }

  /** Returns the end of a differential that begins here, or this place. */
  private int differential() {
    int end = at + 1;
    while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    if (end < text.length() && isLetter(text.charAt(end))) {
      return end + 1;
    }
    int letters = end + 1;
    while (letters < text.length() && isLetter(text.charAt(letters))) {
      letters++;
    }
    boolean symbol = end < text.length() && text.charAt(end) == '\\' && letters > end + 1;
    return symbol ? letters : at;
  }

  /** Returns a command, or an empty text after one that only spaces. */
  private String command() {
    int end = at + 1;
    while (end < text.length() && isLetter(text.charAt(end))) {
      end++;
    }
    if (end > at + 1) {
      String name = text.substring(at, end);
      if ((name.equals("\\left") || name.equals("\\right"))
          && end < text.length()
          && text.charAt(end) == '|') {
        throw new UnreadableException(name + "|");
      }
      at = end;
      return SPACING.contains(name) ? "" : name;
    }
    if (end < text.length() && SPACING_SIGNS.indexOf(text.charAt(end)) >= 0) {
      at = end + 1;
      return "";
    }
    if (end < text.length() && (text.charAt(end) == '{' || text.charAt(end) == '}')) {
      at = end + 1;
      return "\\" + text.charAt(end);
    }
    throw new UnreadableException("backslash");
  }

  static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
