package io.dil.data.template.python;

import java.util.Comparator;
import java.util.List;

/** Python's {@code <} and its like, and {@code sorted}. */
public final class Ordering {
  private Ordering() {}

  /** The four comparisons. */
  public enum Sign {
    /** {@code <}. */
    LESS("<"),
    /** {@code <=}. */
    LESS_OR_EQUAL("<="),
    /** {@code >}. */
    GREATER(">"),
    /** {@code >=}. */
    GREATER_OR_EQUAL(">=");

    private final String shown;

    Sign(String shown) {
      this.shown = shown;
    }

    boolean holds(int order) {
      return switch (this) {
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
  }

  /** Returns whether a comparison holds. */
  public static boolean holds(Object a, Sign sign, Object b, Budget budget) {
    if (a instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (b instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      return !Numbers.isNan(a) && !Numbers.isNan(b) && sign.holds(Numbers.compare(a, b));
    }
    if (Types.text(a) instanceof String x && Types.text(b) instanceof String y) {
      budget.read(Math.min(x.length(), y.length()));
      return sign.holds(Text.compare(x, y));
    }
    boolean lists = a instanceof PyList && b instanceof PyList;
    if (lists || (a instanceof PyTuple && b instanceof PyTuple)) {
      return elements(((PySequence) a).items(), sign, ((PySequence) b).items(), budget);
    }
    if (a instanceof DictView && b instanceof DictView) {
      throw RenderError.notOffered("comparing views of dictionaries");
    }
    throw RenderError.type(
        "'"
            + sign.shown
            + "' not supported between instances of '"
            + Types.name(a)
            + "' and '"
            + Types.name(b)
            + "'");
  }

  private static boolean elements(List<Object> a, Sign sign, List<Object> b, Budget budget) {
    int shared = Math.min(a.size(), b.size());
    for (int i = 0; i < shared; i++) {
      budget.step();
      Object x = a.get(i);
      Object y = b.get(i);
      if (x != y && !Equality.equal(x, y, budget)) {
        return holds(x, sign, y, budget);
      }
    }
    return sign.holds(Integer.compare(a.size(), b.size()));
  }

  /** Returns the order of two values, by {@code <} alone, as sorting does. */
  public static Comparator<Object> natural(Budget budget) {
    return (a, b) -> {
      budget.step();
      return holds(a, Sign.LESS, b, budget) ? -1 : holds(b, Sign.LESS, a, budget) ? 1 : 0;
    };
  }

  /** Sorts a list in place, as {@code sorted} does: equal elements keep their order. */
  public static <T> void sort(List<T> items, Comparator<T> order, boolean reverse) {
    try {
      items.sort(reverse ? order.reversed() : order);
    } catch (IllegalArgumentException e) {
      throw RenderError.notOffered("sorting what has no order");
    }
  }
}
