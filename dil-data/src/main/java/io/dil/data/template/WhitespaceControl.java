package io.dil.data.template;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of a template the white space that Jinja takes out with {@code trim_blocks} and {@code
 * lstrip_blocks}, and the signs that ask for it.
 *
 * <p>The engine has rules of its own for this, which differ from Jinja's: it removes spaces before
 * any block, not only before one that is first on its line. It is given what this leaves, and told
 * to trim nothing. The rules are those of Jinja's lexer (jinja2 3.1, {@code lexer.py}):
 *
 * <ul>
 *   <li>line ends become {@code \n}, and one at the very end of the template goes;
 *   <li>{@code -} at an end of a tag removes all white space on that side of it;
 *   <li>otherwise white space between the start of a line and a block or comment goes, unless it
 *       begins with {@code +}, and one line end right behind a block or comment, unless it ends
 *       with {@code +}; expressions keep both.
 * </ul>
 */
final class WhitespaceControl {
  private static final Pattern BEGIN = Pattern.compile("\\{[{%#]");
  private static final int DELIMITER = 2;

  // Python's \s knows more white space than Java's, which does not occur inside of tags.
  private static final Pattern RAW = Pattern.compile("\\s*raw\\s*(-?)%}");
  private static final Pattern ENDRAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%}");

  private final String in;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private WhitespaceControl(String in) {
    this.in = in;
  }

  /** Returns a template that gives the same without any trimming. */
  static String apply(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    String text = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    return new WhitespaceControl(text).rewrite();
  }

  private String rewrite() {
    Matcher begin = BEGIN.matcher(in);
    while (begin.find(at)) {
      char kind = in.charAt(begin.start() + 1);
      String sign = sign(begin.end());
      int inner = begin.end() + sign.length();
      text(begin.start(), sign, kind != '{', "");
      Matcher raw = RAW.matcher(in).region(inner, in.length());
      boolean closed;
      if (kind == '%' && raw.lookingAt()) {
        closed = raw(raw.end(), raw.group(1));
      } else {
        closed = tag(kind, inner);
      }
      if (!closed) {
        // Left to the engine to complain about.
        return out.append(in, begin.start(), in.length()).toString();
      }
    }
    return out.append(in, at, in.length()).toString();
  }

  private String sign(int place) {
    boolean signed = place < in.length() && "-+".indexOf(in.charAt(place)) >= 0;
    return signed ? in.substring(place, place + 1) : "";
  }

  /**
   * Writes the text from here to a tag, less the white space before the tag that goes, and more.
   */
  private void text(int to, String sign, boolean block, String behind) {
    int end = to;
    while (end > at && PythonText.isSpace(in.charAt(end - 1))) {
      end--;
    }
    if (!sign.equals("-")) {
      // Where only white space lies between the tag and the start of its line, the line stays.
      int line = in.lastIndexOf('\n', to - 1) + 1;
      boolean first = line >= end && (line > at || startsLine());
      end = block && sign.isEmpty() && first ? Math.max(line, at) : to;
    }
    // One bracket right before a tag, now that nothing lies between, would change its kind.
    boolean bracket = end > at && in.charAt(end - 1) == '{';
    out.append(in, at, bracket ? end - 1 : end).append(behind).append(bracket ? "{{ '{' }}" : "");
  }

  /** Returns whether what was read last, if anything, ended a line. */
  private boolean startsLine() {
    return at == 0 || in.charAt(at - 1) == '\n';
  }

  /** Writes a tag and passes over it and the white space behind it that goes. */
  private boolean tag(char kind, int inner) {
    int end = kind == '#' ? in.indexOf("#}", inner) : end(kind == '{' ? "}}" : "%}", inner);
    if (end < 0) {
      return false;
    }
    char last = end > inner ? in.charAt(end - 1) : ' ';
    boolean signed = last == '-' || (last == '+' && kind != '{');
    if (kind != '#') {
      out.append('{').append(kind).append(' ');
      code(inner, signed ? end - 1 : end);
      out.append(' ').append(in, end, end + DELIMITER);
    }
    at = end + DELIMITER;
    behind(signed ? String.valueOf(last) : "", kind != '{');
    return true;
  }

  /** Returns where a tag ends: not in a string, nor before a bracket is closed. */
  private int end(String delimiter, int inner) {
    int depth = 0;
    for (int i = inner; i < in.length(); i++) {
      char c = in.charAt(i);
      if (depth == 0 && in.startsWith(delimiter, i)) {
        return i;
      }
      if (c == '\'' || c == '"') {
        i = closing(c, i);
      } else if (c == '(' || c == '[' || c == '{') {
        depth++;
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      }
    }
    return -1;
  }

  /** Writes what is in a tag; the engine would take two closing brackets in a row for its end. */
  private void code(int from, int to) {
    int next;
    for (int i = from; i < to; i = next) {
      char c = in.charAt(i);
      next = c == '\'' || c == '"' ? closing(c, i) + 1 : i + 1;
      out.append(in, i, next);
      if (c == '}') {
        out.append(' ');
      }
    }
  }

  /** Returns where the string that begins with a quote ends. */
  private int closing(char quote, int from) {
    int i = from + 1;
    while (i < in.length() && in.charAt(i) != quote) {
      i += in.charAt(i) == '\\' ? 2 : 1;
    }
    return i;
  }

  /** Writes what is not to be interpreted. */
  private boolean raw(int from, String sign) {
    Matcher end = ENDRAW.matcher(in);
    if (!end.find(from)) {
      return false;
    }
    at = from;
    // Unlike other blocks, this one keeps the line end behind it.
    behind(sign, false);
    out.append("{% raw %}");
    text(end.start(), end.group(1), true, "{% endraw %}");
    at = end.end();
    behind(end.group(2), true);
    return true;
  }

  private void behind(String sign, boolean block) {
    if (sign.equals("-")) {
      while (at < in.length() && PythonText.isSpace(in.charAt(at))) {
        at++;
      }
    } else if (sign.isEmpty() && block && at < in.length() && in.charAt(at) == '\n') {
      at++;
    }
  }
}
