package io.dil.data.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The form of a value as a dictionary's key: values that are equal in Python have equal forms. */
final class Keys {
  private static final Object UNDEFINED = new Object();

  private Keys() {}

  /** A tuple's form. */
  private record Tuple(List<Object> items) {}

  /** Tuples inside tuples can be the same one many times over: their forms are copies. */
  private static final int MOST_ITEMS = 10_000;

  static Object of(Object value) {
    return value instanceof PyTuple ? of(value, new int[1]) : simple(value);
  }

  private static Object of(Object value, int[] items) {
    if (value instanceof PyTuple tuple) {
      items[0] += tuple.items().size();
      if (items[0] > MOST_ITEMS) {
        throw RenderError.limit("a tuple as a key must have at most " + MOST_ITEMS + " items");
      }
      List<Object> forms = new ArrayList<>(tuple.items().size());
      tuple.items().forEach(item -> forms.add(of(item, items)));
      return new Tuple(forms);
    }
    return simple(value);
  }

  private static Object simple(Object value) {
    if (value instanceof String || value instanceof Long || value instanceof BigInteger) {
      return value;
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof Double number) {
      boolean whole = !number.isInfinite() && !number.isNaN() && number == Math.rint(number);
      return whole ? Numbers.of(new BigDecimal(number).toBigInteger()) : number;
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    if (value instanceof Undefined) {
      return UNDEFINED;
    }
    if (value instanceof PyList || value instanceof PyDict) {
      throw RenderError.type("unhashable type: '" + Types.name(value) + "'");
    }
    if (value instanceof PyRange || value instanceof DictView) {
      throw RenderError.notOffered("a " + Types.name(value) + " as a key");
    }
    return value;
  }
}
