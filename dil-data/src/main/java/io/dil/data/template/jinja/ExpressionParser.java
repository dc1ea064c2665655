package io.dil.data.template.jinja;

import io.dil.data.template.library.Filters;
import io.dil.data.template.library.Tests;
import io.dil.data.template.python.None;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, with jinja2's precedence. */
final class ExpressionParser {
  /** Parentheses and operators inside one another; jinja2 stops at some 70. */
  private static final int DEEPEST = 200;

  /** Operators one after the other. */
  private static final int LONGEST_CHAIN = 1000;

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Tokens tokens;
  private final Pieces pieces;
  private int depth;
  private int chain;

  ExpressionParser(Tokens tokens, Pieces pieces) {
    this.tokens = tokens;
    this.pieces = pieces;
  }

  /** Reads an expression, with {@code if … else}. */
  Expression expression() {
    enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      link();
      Expression test = or();
      Expression otherwise = tokens.skipName("else") ? expression() : null;
      value = new Expressions.Conditional(test, value, otherwise);
    }
    depth--;
    return value;
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw tokens.fail("expressions must be nested at most " + DEEPEST + " deep, went deeper");
    }
  }

  private void link() {
    if (++chain > LONGEST_CHAIN) {
      throw tokens.fail(
          "an expression must have at most " + LONGEST_CHAIN + " operators, got more");
    }
  }

  /** Reads an expression or, with commas, a tuple. */
  Expression tuple(boolean conditional, String... ends) {
    chain = depth == 0 ? 0 : chain;
    return tuple(conditional, false, ends);
  }

  private Expression tuple(boolean conditional, boolean parentheses, String... ends) {
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
    enter();
    Expression value = or();
    depth--;
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
      link();
      left = new Operators.Logical(left, false, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      link();
      left = new Operators.Logical(left, true, not());
    }
    return left;
  }

  private Expression not() {
    if (tokens.skipName("not")) {
      enter();
      Expression operand = not();
      depth--;
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
      link();
      String sign = tokens.next().text();
      left = binary(left, sign, concat());
    }
    return left;
  }

  private static Expression binary(Expression left, String sign, Expression right) {
    return new Operators.Binary(
        left, java.util.Objects.requireNonNull(Operators.ARITHMETIC.get(sign)), right);
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
      link();
      String sign = tokens.next().text();
      left = binary(left, sign, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      link();
      left = binary(left, "**", unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    enter();
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      boolean negative = tokens.next().text().equals("-");
      value = new Expressions.Signed(unary(false), negative);
    } else {
      value = primary();
    }
    value = postfix(value);
    value = withFilters ? filters(value) : value;
    depth--;
    return value;
  }

  /** Reads a name, a literal, or what stands in brackets. */
  Expression primary() {
    Token token = tokens.current();
    switch (token.kind()) {
      case NAME -> {
        tokens.next();
        return switch (token.text()) {
          case "true", "True" -> new Expressions.Constant(true);
          case "false", "False" -> new Expressions.Constant(false);
          case "none", "None" -> new Expressions.Constant(None.NONE);
          default -> {
            pieces.current().read(token.text());
            yield new Expressions.Variable(token.text());
          }
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.is(Token.Kind.STRING)) {
          text.append(tokens.next().text());
        }
        return new Expressions.Constant(text.toString());
      }
      case NUMBER -> {
        tokens.next();
        return new Expressions.Constant(token.value());
      }
      default -> {
        return bracketed();
      }
    }
  }

  private Expression bracketed() {
    if (tokens.skipOperator("(")) {
      Expression value = tuple(true, true);
      tokens.expectOperator(")");
      return value;
    }
    if (tokens.skipOperator("[")) {
      List<Expression> items = new ArrayList<>();
      while (!tokens.isOperator("]")) {
        if (!items.isEmpty()) {
          tokens.expectOperator(",");
          if (tokens.isOperator("]")) {
            break;
          }
        }
        items.add(expression());
      }
      tokens.expectOperator("]");
      return new Expressions.Items(items, true);
    }
    if (tokens.skipOperator("{")) {
      return dict();
    }
    throw tokens.fail("unexpected '" + tokens.current().shown() + "'");
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.isOperator("}")) {
      if (!keys.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.isOperator("}")) {
          break;
        }
      }
      Expression key = expression();
      if (key instanceof Expressions.Dict
          || (key instanceof Expressions.Items items && items.isList())) {
        // jinja2 fails there even where the dictionary is never made.
        throw tokens.fail("a list or dictionary cannot be a key");
      }
      keys.add(key);
      tokens.expectOperator(":");
      values.add(expression());
    }
    tokens.expectOperator("}");
    return new Expressions.Dict(keys, values);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.isOperator(".") || tokens.isOperator("[")) {
        link();
        value = subscript(value);
      } else if (tokens.isOperator("(")) {
        link();
        value = new Expressions.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.isOperator("|")) {
        link();
        Statements.Filtering filter = filter();
        value = new Expressions.Filtered(value, filter.name(), filter.arguments());
      } else if (tokens.isName("is")) {
        link();
        value = test(value);
      } else if (tokens.isOperator("(")) {
        link();
        value = new Expressions.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression owner) {
    if (tokens.skipOperator(".")) {
      Token token = tokens.next();
      if (token.kind() == Token.Kind.NAME) {
        return new Expressions.Attribute(owner, token.text());
      }
      if (token.kind() == Token.Kind.NUMBER && !(token.value() instanceof Double)) {
        return new Expressions.Item(owner, new Expressions.Constant(token.value()));
      }
      throw tokens.fail("expected a name or number, got '" + token.shown() + "'");
    }
    tokens.expectOperator("[");
    List<Expression> keys = new ArrayList<>();
    while (!tokens.isOperator("]")) {
      if (!keys.isEmpty()) {
        tokens.expectOperator(",");
      }
      Expression from = tokens.isOperator(":") ? null : expression();
      if (tokens.isOperator(":")) {
        if (keys.isEmpty()) {
          Expression slice = slice(owner, from);
          if (tokens.skipOperator("]")) {
            return slice;
          }
        }
        throw tokens.fail("a slice among several subscripts is not offered");
      }
      if (from != null) {
        keys.add(from);
      }
    }
    tokens.expectOperator("]");
    Expression key = keys.size() == 1 ? keys.get(0) : new Expressions.Items(keys, false);
    return new Expressions.Item(owner, key);
  }

  private Expression slice(Expression owner, @Nullable Expression from) {
    tokens.expectOperator(":");
    Expression to = null;
    Expression step = null;
    if (!isSliceEnd() && !tokens.isOperator(":")) {
      to = expression();
    }
    if (tokens.skipOperator(":") && !isSliceEnd()) {
      step = expression();
    }
    return new Expressions.Slice(owner, from, to, step);
  }

  private boolean isSliceEnd() {
    return tokens.isOperator("]") || tokens.isOperator(",");
  }

  /** Reads what stands between the parentheses of a call. */
  Expressions.CallArguments arguments() {
    tokens.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expression> named = new ArrayList<>();
    Expression list = null;
    Expression dict = null;
    Set<String> seen = new HashSet<>();
    boolean first = true;
    while (!tokens.isOperator(")")) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.isOperator(")")) {
          break;
        }
      }
      first = false;
      if (tokens.isOperator("*") && list == null && dict == null) {
        tokens.next();
        list = expression();
      } else if (tokens.isOperator("**") && dict == null) {
        tokens.next();
        dict = expression();
      } else if (tokens.is(Token.Kind.NAME) && tokens.ahead().isOperator("=") && dict == null) {
        String name = tokens.next().text();
        tokens.next();
        if (!seen.add(name)) {
          throw tokens.fail("keyword argument repeated: " + name);
        }
        names.add(name);
        named.add(expression());
      } else if (list == null && dict == null && names.isEmpty()) {
        positional.add(expression());
      } else {
        throw tokens.fail("invalid syntax for function call expression");
      }
    }
    tokens.expectOperator(")");
    return new Expressions.CallArguments(positional, names, named, list, dict);
  }

  /** Reads a filter's name and arguments, from the sign {@code |} on. */
  Statements.Filtering filter() {
    tokens.expectOperator("|");
    return filterName();
  }

  /** Reads a filter's name and arguments. */
  Statements.Filtering filterName() {
    int line = tokens.current().line();
    String name = dotted();
    Expressions.CallArguments arguments =
        tokens.isOperator("(") ? arguments() : Expressions.CallArguments.NONE;
    if (!pieces.mayNotRun()) {
      named(() -> Filters.named(name), line);
    }
    return new Statements.Filtering(name, arguments);
  }

  private static void named(Runnable lookup, int line) {
    try {
      lookup.run();
    } catch (io.dil.data.template.python.RenderError e) {
      throw e.at(line);
    }
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(tokens.name());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.name());
    }
    return name.toString();
  }

  private Expression test(Expression operand) {
    int line = tokens.next().line();
    boolean negated = tokens.skipName("not");
    String name = dotted();
    Expressions.CallArguments arguments = Expressions.CallArguments.NONE;
    if (tokens.isOperator("(")) {
      arguments = arguments();
    } else if (startsArgument()) {
      if (tokens.isName("is")) {
        throw tokens.fail("you cannot chain multiple tests with is");
      }
      arguments =
          new Expressions.CallArguments(
              List.of(postfix(primary())), List.of(), List.of(), null, null);
    }
    if (!pieces.mayNotRun()) {
      named(() -> Tests.named(name), line);
    }
    Expression test = new Expressions.Tested(operand, name, arguments);
    return negated ? new Operators.Not(test) : test;
  }

  private boolean startsArgument() {
    Token token = tokens.current();
    return switch (token.kind()) {
      case STRING, NUMBER -> true;
      case NAME ->
          !token.text().equals("else") && !token.text().equals("or") && !token.text().equals("and");
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }
}
