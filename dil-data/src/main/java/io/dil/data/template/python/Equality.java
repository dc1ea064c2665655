package io.dil.data.template.python;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code ==} and {@code in}. */
public final class Equality {
  private Equality() {}

  /** Returns whether two values are equal. */
  public static boolean equal(Object a, Object b, Budget budget) {
    if (a instanceof String x && b instanceof String y) {
      if (x.length() != y.length()) {
        return false;
      }
      budget.read(x.length());
      return x.equals(y);
    }
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      return !Numbers.isNan(a) && !Numbers.isNan(b) && Numbers.compare(a, b) == 0;
    }
    if (a instanceof PyList x && b instanceof PyList y) {
      return elements(x.items(), y.items(), budget);
    }
    if (a instanceof PyTuple x && b instanceof PyTuple y) {
      return elements(x.items(), y.items(), budget);
    }
    if (a instanceof PyDict x && b instanceof PyDict y) {
      return entries(x, y, budget);
    }
    if (a instanceof Undefined) {
      return b instanceof Undefined;
    }
    if (a instanceof Markup || b instanceof Markup) {
      return Types.text(a) instanceof String x && Types.text(b) instanceof String y && x.equals(y);
    }
    if (a instanceof PyRange x && b instanceof PyRange y) {
      int size = x.size();
      return size == y.size()
          && (size == 0 || x.start() == y.start())
          && (size < 2 || x.step() == y.step());
    }
    if (a instanceof DictView && b instanceof DictView) {
      throw RenderError.notOffered("comparing views of dictionaries");
    }
    if (a instanceof Function && b instanceof Function) {
      throw RenderError.notOffered("comparing functions");
    }
    return a == b;
  }

  private static boolean elements(List<Object> a, List<Object> b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      budget.step();
      if (!same(a.get(i), b.get(i), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean entries(PyDict a, PyDict b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<Object, Object> entry : a.entries()) {
      budget.step();
      Object other = b.get(a.key(entry));
      if (other == null || !same(entry.getValue(), other, budget)) {
        return false;
      }
    }
    return true;
  }

  /** Inside containers the same object equals itself, even NaN. */
  private static boolean same(Object a, Object b, Budget budget) {
    return a == b || equal(a, b, budget);
  }

  /** Returns whether a value is in a container. */
  public static boolean in(Object value, Object container, Budget budget) {
    if (Types.text(container) instanceof String text) {
      if (Types.text(value) instanceof String wanted) {
        return Search.first(text, wanted, 0, budget) >= 0;
      }
      throw RenderError.type(
          "'in <string>' requires string as left operand, not " + Types.name(value));
    }
    if (container instanceof PyDict dict) {
      budget.read(value instanceof String key ? key.length() : 1);
      return dict.has(value);
    }
    if (container instanceof DictView view && view.kind() == DictView.Kind.KEYS) {
      return view.dict().has(value);
    }
    Iterator<Object> values = Iteration.tryOf(container);
    if (values == null) {
      throw RenderError.type("argument of type '" + Types.name(container) + "' is not iterable");
    }
    while (values.hasNext()) {
      budget.step();
      if (same(values.next(), value, budget)) {
        return true;
      }
    }
    return false;
  }
}
