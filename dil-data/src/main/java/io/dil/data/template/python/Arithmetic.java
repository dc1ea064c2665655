package io.dil.data.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic, on numbers and on what else it takes. */
public final class Arithmetic {
  private Arithmetic() {}

  /** The operators. */
  public enum Operator {
    /** Sum; texts and lists one after the other. */
    ADD("+"),
    /** Difference. */
    SUBTRACT("-"),
    /** Product; a text or list that many times. */
    MULTIPLY("*"),
    /** Quotient, a float. */
    DIVIDE("/"),
    /** Quotient rounded down. */
    FLOOR_DIVIDE("//"),
    /** Remainder with the sign of the divisor; formatting. */
    MODULO("%"),
    /** Power. */
    POWER("**");

    private final String shown;

    Operator(String shown) {
      this.shown = shown;
    }
  }

  /** Computes. */
  public static Object compute(Object a, Operator operator, Object b, Budget budget) {
    if (operator == Operator.ADD && a instanceof String x && b instanceof String y) {
      budget.text((long) x.length() + y.length());
      return x.concat(y);
    }
    if (operator == Operator.MODULO && a instanceof String format) {
      return PercentFormat.format(format, b, budget);
    }
    if (a instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (b instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      budget.steps(cost(a, operator, b));
      return numbers(Numbers.plain(a), operator, Numbers.plain(b));
    }
    if (a instanceof Markup || b instanceof Markup) {
      return marked(a, operator, b, budget);
    }
    if (operator == Operator.ADD) {
      if ((a instanceof PyList && b instanceof PyList)
          || (a instanceof PyTuple && b instanceof PyTuple)) {
        return joined((PySequence) a, (PySequence) b, budget);
      }
    } else if (operator == Operator.MULTIPLY) {
      if (Numbers.isInt(b) && isSequence(a)) {
        return repeated(a, Numbers.index(b, "count"), budget);
      }
      if (Numbers.isInt(a) && isSequence(b)) {
        return repeated(b, Numbers.index(a, "count"), budget);
      }
    } else if (a instanceof DictView || b instanceof DictView) {
      throw RenderError.notOffered("set arithmetic on views of dictionaries");
    }
    throw unsupported(a, operator, b);
  }

  /** Returns the steps that a computation takes beyond the one that it is. */
  private static long cost(Object a, Operator operator, Object b) {
    if (a instanceof BigInteger || b instanceof BigInteger) {
      return words(a) * words(b);
    }
    return operator == Operator.POWER ? 2000 : 0;
  }

  private static long words(Object number) {
    return number instanceof BigInteger big ? 1 + big.bitLength() / 64 : 1;
  }

  private static RenderError unsupported(Object a, Operator operator, Object b) {
    return RenderError.type(
        "unsupported operand types for "
            + operator.shown
            + ": '"
            + Types.name(a)
            + "' and '"
            + Types.name(b)
            + "'");
  }

  private static Object marked(Object a, Operator operator, Object b, Budget budget) {
    if (operator != Operator.ADD || Types.text(a) == null || Types.text(b) == null) {
      throw RenderError.notOffered("'" + operator.shown + "' on text that is marked safe");
    }
    String text = safe(a) + safe(b);
    budget.text(text.length());
    return new Markup(text);
  }

  private static String safe(Object value) {
    return value instanceof Markup markup ? markup.text() : Markup.escape((String) value);
  }

  private static boolean isSequence(Object value) {
    return value instanceof String || value instanceof PySequence;
  }

  private static Object joined(PySequence a, PySequence b, Budget budget) {
    budget.elements((long) a.items().size() + b.items().size());
    List<Object> items = new ArrayList<>(a.items().size() + b.items().size());
    items.addAll(a.items());
    items.addAll(b.items());
    return a instanceof PyList ? new PyList(items) : new PyTuple(items);
  }

  private static Object repeated(Object value, long times, Budget budget) {
    if (value instanceof String text) {
      return Text.repeat(text, times, budget);
    }
    PySequence sequence = (PySequence) value;
    int size = sequence.items().size();
    long count = size == 0 ? 0 : Math.max(0, times);
    budget.elements(Math.min(count, Budget.MOST_STEPS) * size);
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      items.addAll(sequence.items());
    }
    return value instanceof PyList ? new PyList(items) : new PyTuple(items);
  }

  private static Object numbers(Object a, Operator operator, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return reals(Numbers.real(a), operator, Numbers.real(b));
    }
    if (a instanceof Long x && b instanceof Long y) {
      switch (operator) {
        case ADD -> {
          long sum = x + y;
          if (((x ^ sum) & (y ^ sum)) >= 0) {
            return sum;
          }
        }
        case SUBTRACT -> {
          long difference = x - y;
          if (((x ^ y) & (x ^ difference)) >= 0) {
            return difference;
          }
        }
        case FLOOR_DIVIDE -> {
          if (y != 0 && y != -1) {
            return Math.floorDiv(x, y);
          }
        }
        case MODULO -> {
          if (y != 0) {
            return Math.floorMod(x, y);
          }
        }
        default -> {
          // The others are rare, or may not fit.
        }
      }
    }
    return whole(Numbers.big(a), operator, Numbers.big(b));
  }

  private static Object whole(BigInteger a, Operator operator, BigInteger b) {
    return switch (operator) {
      case ADD -> Numbers.of(a.add(b));
      case SUBTRACT -> Numbers.of(a.subtract(b));
      case MULTIPLY -> Numbers.of(a.multiply(b));
      case POWER -> power(a, b);
      case DIVIDE, FLOOR_DIVIDE, MODULO -> divided(a, operator, b);
    };
  }

  private static Object divided(BigInteger a, Operator operator, BigInteger b) {
    if (b.signum() == 0) {
      throw RenderError.value(
          operator == Operator.DIVIDE ? "division by zero" : "integer division or modulo by zero");
    }
    if (operator == Operator.DIVIDE) {
      double quotient =
          new BigDecimal(a).divide(new BigDecimal(b), new MathContext(80)).doubleValue();
      if (Double.isInfinite(quotient)) {
        throw RenderError.value("integer division result too large for a float");
      }
      return a.signum() == 0 && b.signum() < 0 ? -0.0 : quotient;
    }
    BigInteger[] parts = a.divideAndRemainder(b);
    boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
    return operator == Operator.FLOOR_DIVIDE
        ? Numbers.of(down ? parts[0].subtract(BigInteger.ONE) : parts[0])
        : Numbers.of(down ? parts[1].add(b) : parts[1]);
  }

  private static Object power(BigInteger a, BigInteger b) {
    if (b.signum() < 0) {
      return reals(Numbers.real(Numbers.of(a)), Operator.POWER, Numbers.real(Numbers.of(b)));
    }
    if (a.abs().bitLength() <= 1) {
      return Numbers.of(b.signum() == 0 ? BigInteger.ONE : b.testBit(0) ? a : a.abs());
    }
    long exponent = b.bitLength() < 32 ? b.longValue() : Integer.MAX_VALUE;
    if (exponent * (a.abs().bitLength() - 1) > 1 << 17) {
      throw RenderError.limit("a power must have at most 131072 bits, got more");
    }
    return Numbers.of(a.pow((int) exponent));
  }

  private static Object reals(double a, Operator operator, double b) {
    boolean divides =
        operator == Operator.DIVIDE
            || operator == Operator.FLOOR_DIVIDE
            || operator == Operator.MODULO;
    if (b == 0 && divides) {
      throw RenderError.value("float division or modulo by zero");
    }
    return switch (operator) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MODULO -> remainder(a, b);
      case FLOOR_DIVIDE -> floorDivide(a, b);
      case POWER -> power(a, b);
    };
  }

  private static double remainder(double a, double b) {
    double rest = a % b;
    if (rest != 0) {
      return (b < 0) != (rest < 0) ? rest + b : rest;
    }
    return Math.copySign(0.0, b);
  }

  private static double floorDivide(double a, double b) {
    double rest = a % b;
    double quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0.0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  /**
   * Raises a float. Powers with a fraction in the exponent are refused, but for the square root:
   * the last digit of their results is not the same in every mathematics library.
   */
  private static double power(double a, double b) {
    if (b == 0 || a == 1) {
      return 1;
    }
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      return a == -1 ? 1 : Math.pow(a, b);
    }
    if (a == 0) {
      if (b < 0) {
        throw RenderError.value("0.0 cannot be raised to a negative power");
      }
      return Math.pow(a, b);
    }
    if (b == 0.5 && a > 0) {
      return Math.sqrt(a);
    }
    if (b != Math.rint(b) || Math.abs(b) > 4096) {
      throw RenderError.notOffered("a power with such an exponent");
    }
    BigDecimal raised = new BigDecimal(a).pow((int) Math.abs(b), new MathContext(60));
    double result =
        b > 0
            ? raised.doubleValue()
            : BigDecimal.ONE.divide(raised, new MathContext(60)).doubleValue();
    if (Double.isInfinite(result)) {
      throw RenderError.value("numerical result out of range");
    }
    return result;
  }

  /** Returns {@code -value}. */
  public static Object negative(Object value) {
    Object plain = number(value, "-");
    if (plain instanceof Double real) {
      return -real;
    }
    return Numbers.of(Numbers.big(plain).negate());
  }

  /** Returns {@code +value}. */
  public static Object positive(Object value) {
    return number(value, "+");
  }

  /** Returns {@code abs(value)}. */
  public static Object absolute(Object value) {
    if (!Numbers.isNumber(value)) {
      throw RenderError.type("bad operand type for abs(): '" + Types.name(value) + "'");
    }
    Object plain = Numbers.plain(value);
    return plain instanceof Double real
        ? (Object) Math.abs(real)
        : Numbers.of(Numbers.big(plain).abs());
  }

  private static Object number(Object value, String operator) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (!Numbers.isNumber(value)) {
      throw RenderError.type(
          "bad operand type for unary " + operator + ": '" + Types.name(value) + "'");
    }
    return Numbers.plain(value);
  }
}
