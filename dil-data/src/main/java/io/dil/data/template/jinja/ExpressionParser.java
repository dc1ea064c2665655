package io.dil.data.template.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Reads expressions, with jinja2's precedence. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Tokens tokens;
  private final Nesting nesting;
  private final OperandParser operands;

  ExpressionParser(Tokens tokens, Pieces pieces) {
    this.tokens = tokens;
    this.nesting = new Nesting(tokens);
    this.operands = new OperandParser(tokens, pieces, nesting, this);
  }

  /** Returns what reads operands, filters and the arguments of calls. */
  OperandParser operands() {
    return operands;
  }

  /** Reads an expression, with {@code if … else}. */
  Expression expression() {
    nesting.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      nesting.link();
      Expression test = or();
      Expression otherwise = tokens.skipName("else") ? expression() : null;
      value = new Expressions.Conditional(test, value, otherwise);
    }
    nesting.leave();
    return value;
  }

  /** Reads an expression or, with commas, a tuple. */
  Expression tuple(boolean conditional, String... ends) {
    nesting.start();
    return tuple(conditional, false, ends);
  }

  Expression tuple(boolean conditional, boolean parentheses, String... ends) {
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (!isTupleEnd(ends)) {
      items.add(conditional ? expression() : plain());
      if (!tokens.skipOperator(",")) {
        break;
      }
      isTuple = true;
    }
    if (!isTuple && items.size() == 1) {
      return items.get(0);
    }
    if (items.isEmpty() && !parentheses) {
      throw tokens.expected("an expression");
    }
    return new Expressions.Items(items, false);
  }

  private Expression plain() {
    nesting.enter();
    Expression value = or();
    nesting.leave();
    return value;
  }

  private boolean isTupleEnd(String... ends) {
    if (tokens.is(Token.Kind.PRINT_END)
        || tokens.is(Token.Kind.BLOCK_END)
        || tokens.isOperator(")")) {
      return true;
    }
    for (String end : ends) {
      if (tokens.isName(end)) {
        return true;
      }
    }
    return false;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      nesting.link();
      left = new Operators.Logical(left, false, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      nesting.link();
      left = new Operators.Logical(left, true, not());
    }
    return left;
  }

  private Expression not() {
    if (tokens.skipName("not")) {
      nesting.enter();
      Expression operand = not();
      nesting.leave();
      return new Operators.Not(operand);
    }
    return compare();
  }

  private Expression compare() {
    Expression first = sum();
    List<String> signs = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      if (tokens.is(Token.Kind.OPERATOR) && COMPARISONS.contains(tokens.current().text())) {
        signs.add(tokens.next().text());
      } else if (tokens.skipName("in")) {
        signs.add("in");
      } else if (tokens.isName("not") && tokens.ahead().isName("in")) {
        tokens.next();
        tokens.next();
        signs.add("not in");
      } else {
        return signs.isEmpty() ? first : new Operators.Compare(first, signs, others);
      }
      others.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concat();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      nesting.link();
      String sign = tokens.next().text();
      left = binary(left, sign, concat());
    }
    return left;
  }

  private static Expression binary(Expression left, String sign, Expression right) {
    return new Operators.Binary(
        left, Objects.requireNonNull(Operators.ARITHMETIC.get(sign)), right);
  }

  private Expression concat() {
    List<Expression> parts = new ArrayList<>();
    parts.add(product());
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.get(0) : new Operators.Concat(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      nesting.link();
      String sign = tokens.next().text();
      left = binary(left, sign, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      nesting.link();
      left = binary(left, "**", unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    nesting.enter();
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      boolean negative = tokens.next().text().equals("-");
      value = new Expressions.Signed(unary(false), negative);
    } else {
      value = operands.primary();
    }
    value = operands.postfix(value);
    value = withFilters ? operands.filters(value) : value;
    nesting.leave();
    return value;
  }
}
