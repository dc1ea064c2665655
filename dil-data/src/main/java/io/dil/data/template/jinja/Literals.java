package io.dil.data.template.jinja;

import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Text;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one token of code: a number, a name, a text or an operator. */
final class Literals {
  private static final Pattern FLOAT =
      Pattern.compile(
          "[0-9]++(_[0-9]++)*+(\\.[0-9]++(_[0-9]++)*+)?([eE][+-]?[0-9]++(_[0-9]++)*+)?");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](_?[01])++|0[oO](_?[0-7])++|0[xX](_?[0-9a-fA-F])++|[1-9](_?[0-9])*+|0(_?0)*+");
  private static final String[] OPERATORS = {
    "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";"
  };

  private final String source;
  private final int line;
  private int at;

  Literals(String source, int from, int line) {
    this.source = source;
    this.at = from;
    this.line = line;
  }

  /** Returns the place after the token that was read. */
  int end() {
    return at;
  }

  Token token() {
    char c = source.charAt(at);
    if (c >= '0' && c <= '9') {
      return number();
    }
    if (Text.isWord(source.codePointAt(at))) {
      int from = at;
      while (at < source.length() && Text.isWord(source.codePointAt(at))) {
        at += Character.charCount(source.codePointAt(at));
      }
      String name = source.substring(from, at);
      if (!Character.isUnicodeIdentifierStart(name.codePointAt(0)) && name.charAt(0) != '_') {
        throw RenderError.syntax("invalid character in identifier", line);
      }
      return new Token(Token.Kind.NAME, name, name, line);
    }
    if (c == '\'' || c == '"') {
      return string(c);
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        at += operator.length();
        return new Token(Token.Kind.OPERATOR, operator, operator, line);
      }
    }
    throw RenderError.syntax("unexpected character '" + c + "'", line);
  }

  private Token number() {
    Matcher matcher = FLOAT.matcher(source).region(at, source.length());
    boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
    if (!afterDot
        && matcher.lookingAt()
        && (matcher.group(2) != null || matcher.group(4) != null)) {
      String text = matcher.group();
      at = matcher.end();
      return new Token(Token.Kind.NUMBER, text, Double.parseDouble(text.replace("_", "")), line);
    }
    Matcher whole = INTEGER.matcher(source).region(at, source.length());
    if (!whole.lookingAt()) {
      throw RenderError.syntax("unexpected character '" + source.charAt(at) + "'", line);
    }
    String text = whole.group();
    at = whole.end();
    if (text.length() > 4300) {
      throw RenderError.syntax("a number must have at most 4300 digits, got more", line);
    }
    return new Token(Token.Kind.NUMBER, text, integer(text.replace("_", "")), line);
  }

  private static Object integer(String digits) {
    String low = digits.toLowerCase(Locale.ROOT);
    int base = low.startsWith("0x") ? 16 : low.startsWith("0o") ? 8 : low.startsWith("0b") ? 2 : 10;
    return Numbers.of(new BigInteger(base == 10 ? low : low.substring(2), base));
  }

  private Token string(char quote) {
    int from = ++at;
    while (at < source.length() && source.charAt(at) != quote) {
      at += source.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= source.length()) {
      throw RenderError.syntax("unexpected character '" + quote + "'", line);
    }
    String text = unescaped(source.substring(from, at));
    at++;
    return new Token(Token.Kind.STRING, text, text, line);
  }

  /** Reads escapes as Python's {@code unicode-escape} codec does. */
  private String unescaped(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      int escape = text.codePointAt(i);
      i += Character.charCount(escape);
      switch (escape) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append((char) escape);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case 'x' -> i = hex(text, i, 2, out);
        case 'u' -> i = hex(text, i, 4, out);
        case 'U' -> i = hex(text, i, 8, out);
        case 'N' -> throw RenderError.notOffered("the escape \\N");
        default -> i = other(text, i, escape, out);
      }
    }
    return out.toString();
  }

  private int hex(String text, int from, int digits, StringBuilder out) {
    int code = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < text.length() ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0) {
        throw RenderError.syntax("truncated escape in a text", line);
      }
      code = code * 16 + digit;
    }
    if (!Character.isValidCodePoint(code)) {
      throw RenderError.syntax("illegal Unicode character in a text", line);
    }
    out.appendCodePoint(code);
    return from + digits;
  }

  private static int other(String text, int from, int escape, StringBuilder out) {
    if (escape >= '0' && escape <= '7') {
      int code = 0;
      int i = from - 1;
      for (; i < Math.min(from + 2, text.length()); i++) {
        char c = text.charAt(i);
        if (c < '0' || c > '7') {
          break;
        }
        code = code * 8 + c - '0';
      }
      out.append((char) code);
      return i;
    }
    // An unknown escape stands for itself; beyond ASCII the codec has put its own escape there.
    out.append('\\');
    if (escape < 128) {
      out.append((char) escape);
    } else {
      out.append(Repr.escape(escape), 1, Repr.escape(escape).length());
    }
    return from;
  }
}
