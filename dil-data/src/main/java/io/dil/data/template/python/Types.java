package io.dil.data.template.python;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Python's types: their names, their truth, their lengths. */
public final class Types {
  private Types() {}

  /** Returns the name of a value's type, as Python's errors write it. */
  public static String name(Object value) {
    if (value instanceof String) {
      return "str";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return "int";
    }
    if (value instanceof Double) {
      return "float";
    }
    if (value instanceof PyList) {
      return "list";
    }
    if (value instanceof PyTuple) {
      return "tuple";
    }
    if (value instanceof PyDict) {
      return "dict";
    }
    if (value == None.NONE) {
      return "NoneType";
    }
    if (value instanceof PyIterator iterator) {
      return iterator.type();
    }
    if (value instanceof PyObject object) {
      return object.type();
    }
    if (value instanceof DictView view) {
      return "dict_" + view.kind().name().toLowerCase(java.util.Locale.ROOT);
    }
    if (value instanceof Function) {
      return "function";
    }
    return switch (value.getClass().getSimpleName()) {
      case "PyRange" -> "range";
      case "PyNamespace" -> "Namespace";
      default -> value.getClass().getSimpleName();
    };
  }

  /** Returns whether a value counts as true. */
  public static boolean truth(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value == None.NONE || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof Markup markup) {
      return !markup.text().isEmpty();
    }
    if (value instanceof PySequence sequence) {
      return !sequence.items().isEmpty();
    }
    if (value instanceof PyDict dict) {
      return dict.size() > 0;
    }
    if (value instanceof DictView view) {
      return view.dict().size() > 0;
    }
    if (value instanceof PyRange range) {
      return range.size() > 0;
    }
    return true;
  }

  /** Returns a value as a String if it is text, marked or not; otherwise null. */
  public static @Nullable CharSequence text(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Markup markup ? markup.text() : null;
  }

  /** Returns {@code len(value)}. */
  public static long length(Object value, Budget budget) {
    if (text(value) instanceof String text) {
      budget.read(text.length());
      return Text.length(text);
    }
    if (value instanceof PySequence sequence) {
      return sequence.items().size();
    }
    if (value instanceof PyDict dict) {
      return dict.size();
    }
    if (value instanceof DictView view) {
      return view.dict().size();
    }
    if (value instanceof PyRange range) {
      return range.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    if (value instanceof PyObject object && object.attribute("length") instanceof Long length) {
      return length;
    }
    throw RenderError.type("object of type '" + name(value) + "' has no len()");
  }
}
