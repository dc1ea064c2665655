package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Function;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Markup;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.Ordering;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyObject;
import io.dil.data.template.python.PyRange;
import io.dil.data.template.python.PySequence;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** The one list of tests. */
public final class Tests {
  private static final Map<String, Test> ALL = new HashMap<>();

  static {
    ALL.put("boolean", plain(v -> v instanceof Boolean));
    ALL.put("callable", plain(v -> v instanceof Function || v instanceof Undefined));
    ALL.put("defined", plain(v -> !(v instanceof Undefined)));
    ALL.put("escaped", plain(v -> v instanceof Markup));
    ALL.put("false", plain(Boolean.FALSE::equals));
    ALL.put("filter", plain(v -> v instanceof String name && Filters.exists(name)));
    ALL.put("float", plain(v -> v instanceof Double));
    ALL.put("integer", plain(v -> Numbers.isInt(v) && !(v instanceof Boolean)));
    ALL.put("iterable", plain(Tests::isIterable));
    ALL.put("mapping", plain(v -> v instanceof PyDict));
    ALL.put("none", plain(v -> v == None.NONE));
    ALL.put("number", plain(Numbers::isNumber));
    ALL.put("sequence", plain(Tests::isSequence));
    ALL.put("string", plain(v -> Types.text(v) != null));
    ALL.put("test", plain(v -> v instanceof String name && exists(name)));
    ALL.put("true", plain(Boolean.TRUE::equals));
    ALL.put("undefined", plain(v -> v instanceof Undefined));
    ALL.put("lower", (v, a, b) -> none(a) && Letters.isLower(Repr.text(v, b)));
    ALL.put("upper", (v, a, b) -> none(a) && Letters.isUpper(Repr.text(v, b)));
    ALL.put("odd", (v, a, b) -> none(a) && leaves(v, 2L, 1L, b));
    ALL.put("even", (v, a, b) -> none(a) && leaves(v, 2L, 0L, b));
    ALL.put("divisibleby", (v, a, b) -> leaves(v, one(a, "num"), 0L, b));
    ALL.put("in", (v, a, b) -> Equality.in(v, one(a, "seq"), b));
    ALL.put("sameas", (v, a, b) -> same(v, one(a, "other")));
    put((v, a, b) -> Equality.equal(v, other(a), b), "==", "eq", "equalto");
    put((v, a, b) -> !Equality.equal(v, other(a), b), "!=", "ne");
    put(compare(Ordering.Sign.GREATER), ">", "gt", "greaterthan");
    put(compare(Ordering.Sign.GREATER_OR_EQUAL), ">=", "ge");
    put(compare(Ordering.Sign.LESS), "<", "lt", "lessthan");
    put(compare(Ordering.Sign.LESS_OR_EQUAL), "<=", "le");
  }

  private Tests() {}

  private static void put(Test test, String... names) {
    for (String name : names) {
      ALL.put(name, test);
    }
  }

  private static Test plain(Predicate<Object> test) {
    return (value, arguments, budget) -> none(arguments) && test.test(value);
  }

  private static boolean none(Arguments arguments) {
    arguments.none("test");
    return true;
  }

  private static Object one(Arguments arguments, String name) {
    return Objects.requireNonNull(arguments.bind("test", name)[0]);
  }

  private static Object other(Arguments arguments) {
    return Objects.requireNonNull(arguments.unnamed("test", 1, 1)[0]);
  }

  private static Test compare(Ordering.Sign sign) {
    return (value, arguments, budget) -> Ordering.holds(value, sign, other(arguments), budget);
  }

  private static boolean leaves(Object value, Object divisor, Object rest, Budget budget) {
    return Equality.equal(
        Arithmetic.compute(value, Arithmetic.Operator.MODULO, divisor, budget), rest, budget);
  }

  private static boolean isIterable(Object value) {
    return (value instanceof PyObject object && object.type().equals("LoopContext"))
        || value instanceof Markup
        || Iteration.tryOf(value) != null;
  }

  private static boolean isSequence(Object value) {
    return value instanceof PySequence
        || value instanceof PyDict
        || value instanceof PyRange
        || value instanceof Undefined
        || Types.text(value) != null;
  }

  private static boolean same(Object value, Object other) {
    boolean flags = value instanceof Boolean && other instanceof Boolean;
    if (!flags && value != other && Objects.equals(value, other)) {
      throw RenderError.notOffered("'sameas' for equal values of type " + Types.name(value));
    }
    return flags ? value.equals(other) : value == other;
  }

  /** Returns whether there is a test of that name. */
  public static boolean exists(String name) {
    return ALL.containsKey(name);
  }

  /**
   * Returns a test.
   *
   * @throws RenderError if there is none of that name
   */
  public static Test named(String name) {
    Test test = ALL.get(name);
    if (test == null) {
      throw RenderError.value("no test named '" + name + "'");
    }
    return test;
  }
}
