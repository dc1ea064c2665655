package io.dil.data.template.python;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.Map;

/** How Python prints values: {@code str} and {@code repr}. */
public final class Repr {
  private Repr() {}

  /** Returns {@code str(value)}. */
  public static String text(Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    if (value instanceof Undefined) {
      return "";
    }
    return of(value, budget);
  }

  /** Returns {@code repr(value)}. */
  public static String of(Object value, Budget budget) {
    StringBuilder out = new StringBuilder();
    write(value, out, budget);
    budget.text(out.length());
    return out.toString();
  }

  private static void write(Object value, StringBuilder out, Budget budget) {
    budget.step();
    if (out.length() > Budget.LONGEST_TEXT) {
      budget.text(out.length());
    }
    if (value instanceof String text) {
      quoted(text, out, budget);
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (Numbers.isInt(value)) {
      budget.steps(value instanceof BigInteger ? 2000 : 0);
      out.append(Numbers.shown(value));
    } else if (value instanceof Double number) {
      budget.steps(20);
      out.append(Floats.repr(number));
    } else if (value == None.NONE) {
      out.append("None");
    } else if (value instanceof PyList list) {
      out.append('[');
      elements(list.items().iterator(), out, budget);
      out.append(']');
    } else if (value instanceof PyTuple tuple) {
      out.append('(');
      elements(tuple.items().iterator(), out, budget);
      out.append(tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof PyDict dict) {
      entries(dict, out, budget);
    } else if (value instanceof DictView view) {
      out.append(Types.name(view)).append("([");
      elements(view.iterator(), out, budget);
      out.append("])");
    } else {
      other(value, out, budget);
    }
  }

  private static void other(Object value, StringBuilder out, Budget budget) {
    if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Markup markup) {
      out.append("Markup(");
      quoted(markup.text(), out, budget);
      out.append(')');
    } else if (value instanceof PyRange range) {
      out.append("range(").append(range.start()).append(", ").append(range.stop());
      out.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
    } else if (value instanceof PyNamespace namespace) {
      out.append("<Namespace ");
      entries(namespace.attributes(), out, budget);
      out.append('>');
    } else if (value instanceof PyObject object) {
      out.append(object.shown(budget));
    } else {
      // Python writes an address.
      throw RenderError.notOffered("printing a " + Types.name(value));
    }
  }

  private static void elements(Iterator<Object> items, StringBuilder out, Budget budget) {
    String separator = "";
    while (items.hasNext()) {
      out.append(separator);
      write(items.next(), out, budget);
      separator = ", ";
    }
  }

  private static void entries(PyDict dict, StringBuilder out, Budget budget) {
    String separator = "";
    out.append('{');
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      out.append(separator);
      write(dict.key(entry), out, budget);
      out.append(": ");
      write(entry.getValue(), out, budget);
      separator = ", ";
    }
    out.append('}');
  }

  private static void quoted(String text, StringBuilder out, Budget budget) {
    budget.read(text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (c == quote || c == '\\') {
        out.append('\\').append((char) c);
      } else if (c >= ' ' && c < 127) {
        out.append((char) c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '\r') {
        out.append("\\r");
      } else if (c == '\t') {
        out.append("\\t");
      } else if (isPrintable(c)) {
        out.appendCodePoint(c);
      } else {
        out.append(escape(c));
      }
    }
    out.append(quote);
  }

  /** Returns {@code \xhh}, {@code \}{@code uhhhh} or {@code \Uhhhhhhhh}. */
  public static String escape(int c) {
    String hex = Integer.toHexString(c);
    String mark = c < 0x100 ? "x" : c < 0x10000 ? "u" : "U";
    int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    return "\\" + mark + "0".repeat(width - hex.length()) + hex;
  }

  /** Returns {@code str.isprintable()} of one character. */
  public static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      case Character.UNASSIGNED -> unassigned(c);
      default -> true;
    };
  }

  /** Later versions of Unicode may have given the place to a character. */
  private static boolean unassigned(int c) {
    if ((c & 0xfffe) == 0xfffe || c >= 0xe0000) {
      return false;
    }
    throw RenderError.notOffered("printing the character " + escape(c) + " inside a container");
  }
}
