package io.dil.data.template.jinja;

import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Ordering;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Types;
import java.util.List;
import java.util.Map;

/** The operators. */
final class Operators {
  /** The arithmetic operators by their signs. */
  static final Map<String, Arithmetic.Operator> ARITHMETIC =
      Map.of(
          "+", Arithmetic.Operator.ADD,
          "-", Arithmetic.Operator.SUBTRACT,
          "*", Arithmetic.Operator.MULTIPLY,
          "/", Arithmetic.Operator.DIVIDE,
          "//", Arithmetic.Operator.FLOOR_DIVIDE,
          "%", Arithmetic.Operator.MODULO,
          "**", Arithmetic.Operator.POWER);

  private Operators() {}

  /** Arithmetic on two values. */
  record Binary(Expression left, Arithmetic.Operator operator, Expression right)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.budget().step();
      Object a = left.value(scope);
      return Arithmetic.compute(a, operator, right.value(scope), scope.budget());
    }
  }

  /** {@code a ~ b}: the texts of values one after the other. */
  record Concat(List<Expression> parts) implements Expression {
    @Override
    public Object value(Scope scope) {
      StringBuilder out = new StringBuilder();
      for (Expression part : parts) {
        String text = Repr.text(part.value(scope), scope.budget());
        scope.budget().text((long) out.length() + text.length());
        out.append(text);
      }
      return out.toString();
    }
  }

  /** {@code and} and {@code or}: the value that decides. */
  record Logical(Expression left, boolean isAnd, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object first = left.value(scope);
      return Types.truth(first) == isAnd ? right.value(scope) : first;
    }
  }

  /** {@code not}. */
  record Not(Expression operand) implements Expression {
    @Override
    public Object value(Scope scope) {
      return !Types.truth(operand.value(scope));
    }
  }

  /** {@code a < b <= c}: holds if each of its comparisons does. */
  record Compare(Expression first, List<String> signs, List<Expression> others)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      Object left = first.value(scope);
      for (int i = 0; i < signs.size(); i++) {
        scope.budget().step();
        Object right = others.get(i).value(scope);
        if (!holds(left, signs.get(i), right, scope)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    private static boolean holds(Object a, String sign, Object b, Scope scope) {
      return switch (sign) {
        case "==" -> Equality.equal(a, b, scope.budget());
        case "!=" -> !Equality.equal(a, b, scope.budget());
        case "in" -> Equality.in(a, b, scope.budget());
        case "not in" -> !Equality.in(a, b, scope.budget());
        case "<" -> Ordering.holds(a, Ordering.Sign.LESS, b, scope.budget());
        case "<=" -> Ordering.holds(a, Ordering.Sign.LESS_OR_EQUAL, b, scope.budget());
        case ">" -> Ordering.holds(a, Ordering.Sign.GREATER, b, scope.budget());
        case ">=" -> Ordering.holds(a, Ordering.Sign.GREATER_OR_EQUAL, b, scope.budget());
        default -> throw RenderError.value("unknown comparison " + sign);
      };
    }
  }
}
