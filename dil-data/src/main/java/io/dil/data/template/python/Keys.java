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

  static Object of(Object value) {
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
    if (value instanceof PyTuple tuple) {
      List<Object> forms = new ArrayList<>(tuple.items().size());
      tuple.items().forEach(item -> forms.add(of(item)));
      return new Tuple(forms);
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
