package io.dil.data.template.python;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code format % values}, as printf has it. */
final class PercentFormat {
  private final String format;
  private final Object values;
  private final @Nullable List<Object> tuple;
  private final Budget budget;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int used;
  private boolean byName;

  private PercentFormat(String format, Object values, Budget budget) {
    this.format = format;
    this.values = values;
    this.tuple = values instanceof PyTuple several ? several.items() : null;
    this.budget = budget;
  }

  static String format(String format, Object values, Budget budget) {
    return new PercentFormat(format, values, budget).run();
  }

  private String run() {
    budget.read(format.length());
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c == '%') {
        conversion();
      } else {
        out.append(c);
      }
    }
    boolean all =
        tuple != null
            ? used == tuple.size()
            : used > 0
                || byName
                || values instanceof PyDict
                || values instanceof PyList
                || values instanceof PyRange
                || values instanceof Undefined;
    if (!all) {
      throw RenderError.type("not all arguments converted during string formatting");
    }
    budget.text(out.length());
    return out.toString();
  }

  private char peek() {
    if (at >= format.length()) {
      throw RenderError.value("incomplete format");
    }
    return format.charAt(at);
  }

  private void conversion() {
    Object named = null;
    if (peek() == '(') {
      named = named();
      byName = true;
    }
    FormatSpec.Flags flags = new FormatSpec.Flags();
    while ("-+ #0".indexOf(peek()) >= 0) {
      flags.set(format.charAt(at++));
    }
    long width = size();
    if (width < 0) {
      flags.set('-');
      width = -width;
    }
    long precision = -1;
    if (peek() == '.') {
      at++;
      precision = Math.max(0, size());
    }
    if ("hlL".indexOf(peek()) >= 0) {
      at++;
    }
    char kind = peek();
    at++;
    if (kind == '%') {
      out.append('%');
      return;
    }
    Object value = named != null ? named : next();
    budget.text(Math.max(width, precision));
    out.append(FormatSpec.percent(value, kind, flags, (int) width, (int) precision, budget));
    if (out.length() > Budget.LONGEST_TEXT) {
      budget.text(out.length());
    }
  }

  private Object named() {
    if (!(values instanceof PyDict dict)) {
      throw RenderError.type("format requires a mapping");
    }
    int depth = 1;
    int from = ++at;
    while (depth > 0) {
      char c = peek();
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      at++;
    }
    String key = format.substring(from, at - 1);
    Object value = dict.get(key);
    if (value == null) {
      throw RenderError.value("no such key: '" + key + "'");
    }
    return value;
  }

  private long size() {
    if (peek() == '*') {
      at++;
      Object value = next();
      if (!Numbers.isInt(value)) {
        throw RenderError.type("* wants int");
      }
      return Numbers.index(value, "width");
    }
    long size = 0;
    while (Character.digit(peek(), 10) >= 0 && peek() < 128) {
      size = Math.min(Integer.MAX_VALUE, 10 * size + (format.charAt(at++) - '0'));
    }
    return size;
  }

  private Object next() {
    if (tuple != null) {
      if (used < tuple.size()) {
        return tuple.get(used++);
      }
    } else if (used == 0) {
      used = 1;
      return values;
    }
    throw RenderError.type("not enough arguments for format string");
  }
}
