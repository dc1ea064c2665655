package io.dil.data.template.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@code json.dumps(value, …)}. */
public final class Json {
  private final StringBuilder out = new StringBuilder();
  private final boolean ascii;
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final Budget budget;

  /**
   * Makes a writer.
   *
   * @param ascii whether everything beyond ASCII is escaped
   * @param indent what a level is indented by; null for one line
   * @param itemSeparator between elements
   * @param keySeparator between key and value
   * @param sorted whether keys are sorted
   * @param budget what it may use
   */
  public Json(
      boolean ascii,
      @Nullable String indent,
      String itemSeparator,
      String keySeparator,
      boolean sorted,
      Budget budget) {
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sorted = sorted;
    this.budget = budget;
  }

  /** Writes a value. */
  public String write(Object value) {
    value(value, 0);
    budget.text(out.length());
    return out.toString();
  }

  private void value(Object value, int level) {
    budget.step();
    if (out.length() > Budget.LONGEST_TEXT) {
      budget.text(out.length());
    }
    if (Types.text(value) instanceof String text) {
      string(text);
    } else if (value instanceof Boolean || value == None.NONE || Numbers.isNumber(value)) {
      budget.steps(value instanceof BigInteger ? 2000 : value instanceof Double ? 20 : 0);
      out.append(bare(value));
    } else if (value instanceof PySequence sequence) {
      array(sequence.items(), level);
    } else if (value instanceof PyDict dict) {
      object(dict, level);
    } else {
      throw RenderError.type("object of type " + Types.name(value) + " is not JSON serializable");
    }
  }

  private static String bare(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? "true" : "false";
    }
    if (value instanceof Double number) {
      return Double.isNaN(number)
          ? "NaN"
          : number.isInfinite() ? (number > 0 ? "Infinity" : "-Infinity") : Floats.repr(number);
    }
    return value == None.NONE ? "null" : Numbers.shown(value);
  }

  private void array(List<Object> items, int level) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : itemSeparator);
      line(level + 1);
      value(items.get(i), level + 1);
    }
    line(level);
    out.append(']');
  }

  private void object(PyDict dict, int level) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entries());
    if (sorted) {
      Comparator<Object> order = Ordering.natural(budget);
      Ordering.sort(entries, (a, b) -> order.compare(dict.key(a), dict.key(b)), false);
    }
    out.append('{');
    boolean first = true;
    for (Map.Entry<Object, Object> entry : entries) {
      out.append(first ? "" : itemSeparator);
      first = false;
      line(level + 1);
      string(key(dict.key(entry)));
      out.append(keySeparator);
      value(entry.getValue(), level + 1);
    }
    line(level);
    out.append('}');
  }

  private static String key(Object key) {
    if (Types.text(key) instanceof String text) {
      return text;
    }
    if (Numbers.isNumber(key) || key == None.NONE) {
      return bare(key);
    }
    throw RenderError.type("keys must be str, int, float, bool or None, not " + Types.name(key));
  }

  private void line(int level) {
    if (indent != null) {
      budget.read(indent.length() * level);
      if ((long) indent.length() * level + out.length() > Budget.LONGEST_TEXT) {
        budget.text((long) indent.length() * level + out.length());
      }
      out.append('\n').append(indent.repeat(level));
    }
  }

  private void string(String text) {
    budget.read(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            String hex = Integer.toHexString(c);
            out.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
