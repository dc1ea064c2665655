package io.dil.data.template.jinja;

import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template's source into data and code, with the white space that jinja2 takes off under
 * {@code trim_blocks} and {@code lstrip_blocks}.
 */
final class Lexer {
  /** Published templates have up to 20 000 characters. */
  private static final int LONGEST = 1 << 20;

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** Whether a tag that comes next is the first thing in its line. */
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String source) {
    if (source.length() > LONGEST) {
      throw RenderError.limit(
          "template must be of at most " + LONGEST + " characters, got " + source.length());
    }
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    // A line break at the very end is no part of the text.
    Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int tag = nextTag(at);
      if (tag < 0) {
        data(source.substring(at));
        at = source.length();
        break;
      }
      String text = source.substring(at, tag);
      char kind = source.charAt(tag + 1);
      int raw = kind == '%' ? rawBegin(tag) : -1;
      char sign = sign(tag + 2);
      data(left(text, sign, kind != '{'));
      advance(text);
      at = tag + 2 + (sign == 0 ? 0 : 1);
      if (raw >= 0) {
        raw(raw);
      } else if (kind == '#') {
        comment();
      } else {
        code(kind == '{');
      }
    }
    add(Token.Kind.END, "", "");
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private char sign(int place) {
    char c = place < source.length() ? source.charAt(place) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /** Takes white space off the end of the text before a tag. */
  private String left(String text, char sign, boolean isBlock) {
    if (sign == '-') {
      int to = text.length();
      while (to > 0 && Text.isSpace(text.charAt(to - 1))) {
        to--;
      }
      return text.substring(0, to);
    }
    if (sign == 0 && isBlock) {
      int from = text.lastIndexOf('\n') + 1;
      if ((from > 0 || lineStarts) && from < text.length() && isBlank(text, from)) {
        return text.substring(0, from);
      }
    }
    return text;
  }

  private static boolean isBlank(String text, int from) {
    return text.substring(from).chars().allMatch(Text::isSpace);
  }

  /** Returns where the text of a raw block begins if the tag opens one, or -1. */
  private int rawBegin(int tag) {
    int i = skipSpace(tag + 2 + (sign(tag + 2) == 0 ? 0 : 1));
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("%}", i)) {
      return i + 2;
    }
    return source.startsWith("-%}", i) ? skipSpace(i + 3) : -1;
  }

  private void raw(int from) {
    advance(source.substring(at, from));
    lineStarts = source.charAt(from - 1) == '\n';
    at = from;
    for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
      char sign = sign(tag + 2);
      int i = skipSpace(tag + 2 + (sign == 0 ? 0 : 1));
      if (source.startsWith("endraw", i)) {
        int end = end(skipSpace(i + 6), '%', true);
        if (end >= 0) {
          String text = source.substring(at, tag);
          data(left(text, sign, true));
          advance(source.substring(at, end));
          finish(end);
          return;
        }
      }
    }
    throw RenderError.syntax("missing end of raw directive", line);
  }

  private void comment() {
    for (int i = source.indexOf("#}", at); i >= 0; i = source.indexOf("#}", i + 1)) {
      int from = i > at && "+-".indexOf(source.charAt(i - 1)) >= 0 ? i - 1 : i;
      int end = end(from, '#', true);
      advance(source.substring(at, end));
      finish(end);
      return;
    }
    throw RenderError.syntax("missing end of comment tag", line);
  }

  /**
   * Returns the place after an end of a tag that stands here, with the white space it takes; or -1.
   */
  private int end(int from, char mark, boolean trims) {
    String plain = mark + "}";
    if (source.startsWith("-" + plain, from)) {
      return skipSpace(from + 3);
    }
    if (trims && source.startsWith("+" + plain, from)) {
      return from + 3;
    }
    if (source.startsWith(plain, from)) {
      boolean line = trims && from + 2 < source.length() && source.charAt(from + 2) == '\n';
      return from + (line ? 3 : 2);
    }
    return -1;
  }

  private void finish(int end) {
    lineStarts = source.charAt(end - 1) == '\n';
    at = end;
  }

  private void code(boolean isPrint) {
    add(isPrint ? Token.Kind.PRINT_BEGIN : Token.Kind.BLOCK_BEGIN, "", "");
    StringBuilder open = new StringBuilder();
    while (at < source.length()) {
      int end = open.isEmpty() ? end(at, isPrint ? '}' : '%', !isPrint) : -1;
      if (end >= 0) {
        add(isPrint ? Token.Kind.PRINT_END : Token.Kind.BLOCK_END, "", "");
        advance(source.substring(at, end));
        finish(end);
        return;
      }
      char c = source.charAt(at);
      if (Text.isSpace(c)) {
        line += c == '\n' ? 1 : 0;
        at++;
        continue;
      }
      Literals literal = new Literals(source, at, line);
      Token token = literal.token();
      balance(token, open);
      tokens.add(token);
      advance(source.substring(at, literal.end()));
      at = literal.end();
    }
    // The parser says what is missing.
  }

  private void balance(Token token, StringBuilder open) {
    if (token.kind() != Token.Kind.OPERATOR || token.text().length() != 1) {
      return;
    }
    char c = token.text().charAt(0);
    if ("([{".indexOf(c) >= 0) {
      open.append(c == '(' ? ')' : c == '[' ? ']' : '}');
    } else if (")]}".indexOf(c) >= 0) {
      if (open.isEmpty() || open.charAt(open.length() - 1) != c) {
        throw RenderError.syntax("unexpected '" + c + "'", line);
      }
      open.setLength(open.length() - 1);
    }
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Token.Kind.DATA, text, text);
    }
  }

  private void add(Token.Kind kind, String text, Object value) {
    tokens.add(new Token(kind, text, value, line));
  }

  private void advance(String passed) {
    for (int i = passed.indexOf('\n'); i >= 0; i = passed.indexOf('\n', i + 1)) {
      line++;
    }
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && Text.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }
}
