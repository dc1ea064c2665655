package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Floats;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The filters that make numbers. */
final class NumberFilters {
  private NumberFilters() {}

  /** Checks that a filter has no arguments. */
  static Object none(Arguments arguments, Object result) {
    arguments.none("filter");
    return result;
  }

  static Object toInt(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("int", "default?", "base?");
    Object otherwise = bound[0] == null ? (Object) 0L : bound[0];
    long base = bound[1] == null ? 10 : Numbers.index(bound[1], "base");
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Types.text(value) instanceof String text) {
      budget.read(text.length());
      if (base != 0 && (base < 2 || base > 36)) {
        return otherwise;
      }
      Object whole = Numbers.parse(text, (int) base);
      if (whole != null) {
        return whole;
      }
      Double real = Floats.parse(text);
      return real == null || !Double.isFinite(real) ? otherwise : truncated(real);
    }
    if (value instanceof Double real) {
      if (real.isInfinite()) {
        throw RenderError.value("cannot convert float infinity to integer");
      }
      return real.isNaN() ? otherwise : truncated(real);
    }
    return Numbers.isInt(value) ? Arithmetic.positive(value) : otherwise;
  }

  private static Object truncated(double real) {
    return Numbers.of(new BigDecimal(real).toBigInteger());
  }

  static Object toFloat(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("float", "default?");
    Object otherwise = bound[0] == null ? (Object) 0.0 : bound[0];
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Types.text(value) instanceof String text) {
      Double real = Floats.parse(text);
      return real == null ? otherwise : real;
    }
    return Numbers.isNumber(value) ? Numbers.real(value) : otherwise;
  }

  static Object round(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("round", "precision?", "method?");
    Object precision = bound[0] == null ? (Object) 0L : bound[0];
    String method = bound[1] == null ? "common" : StringMethods.text(bound[1], "method");
    if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
      throw RenderError.value("method must be common, ceil or floor");
    }
    if (value instanceof Undefined || !Numbers.isNumber(value)) {
      throw RenderError.type("type " + Types.name(value) + " doesn't define round");
    }
    if (method.equals("common")) {
      long places = Numbers.index(precision, "precision");
      return value instanceof Double real
          ? (Object) Floats.round(real, places)
          : wholeRound(Numbers.big(value), places);
    }
    Object scale = Arithmetic.compute(10L, Arithmetic.Operator.POWER, precision, budget);
    Object scaled = Arithmetic.compute(value, Arithmetic.Operator.MULTIPLY, scale, budget);
    return Arithmetic.compute(
        towards(scaled, method.equals("ceil")), Arithmetic.Operator.DIVIDE, scale, budget);
  }

  private static Object towards(Object number, boolean up) {
    if (number instanceof Double real) {
      if (!Double.isFinite(real)) {
        throw RenderError.value("cannot convert float " + Floats.repr(real) + " to integer");
      }
      return Numbers.of(new BigDecimal(up ? Math.ceil(real) : Math.floor(real)).toBigInteger());
    }
    return Arithmetic.positive(number);
  }

  private static Object wholeRound(BigInteger number, long places) {
    if (places >= 0) {
      return Numbers.of(number);
    }
    if (places < -5000) {
      return 0L;
    }
    BigDecimal rounded =
        new BigDecimal(number).setScale((int) places, java.math.RoundingMode.HALF_EVEN);
    return Numbers.of(rounded.toBigInteger());
  }

  static Object sum(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("sum", "attribute?", "start?");
    Object total = bound[1] == null ? (Object) 0L : bound[1];
    if (Types.text(total) != null) {
      throw RenderError.type("sum() can't sum strings");
    }
    Getter getter = Getter.of(bound[0], null, false, budget);
    double exact = 0;
    double lost = 0;
    boolean real = false;
    for (Iterator<Object> it = Iteration.of(value, budget); it.hasNext(); ) {
      Object item = getter.get(it.next());
      if (total instanceof PyList && item instanceof PyList) {
        budget.step();
      }
      real |= item instanceof Double;
      if (Numbers.isNumber(item)) {
        double x = Numbers.real(item);
        double next = exact + x;
        lost += Math.abs(exact) >= Math.abs(x) ? exact - next + x : x - next + exact;
        exact = next;
      }
      total = Arithmetic.compute(total, Arithmetic.Operator.ADD, item, budget);
    }
    if (real && lost != 0 && !Equality.equal(total, Numbers.real(total) + lost, budget)) {
      // From 3.12 on, Python makes up for what rounding loses; before, it does not.
      throw RenderError.notOffered("a sum of floats that rounds");
    }
    return total;
  }
}
