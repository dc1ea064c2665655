package io.dil.data.template.jinja;

import io.dil.data.template.library.Filters;
import io.dil.data.template.library.Tests;
import io.dil.data.template.python.None;
import io.dil.data.template.python.RenderError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads operands: names, literals, brackets, and what follows them: subscripts, calls, filters,
 * tests.
 */
final class OperandParser {
  private final Tokens tokens;
  private final Pieces pieces;
  private final Nesting nesting;
  private final ExpressionParser expressions;

  OperandParser(Tokens tokens, Pieces pieces, Nesting nesting, ExpressionParser expressions) {
    this.tokens = tokens;
    this.pieces = pieces;
    this.nesting = nesting;
    this.expressions = expressions;
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
      Expression value = expressions.tuple(true, true);
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
        items.add(expressions.expression());
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
      Expression key = expressions.expression();
      if (key instanceof Expressions.Dict
          || (key instanceof Expressions.Items items && items.isList())) {
        // jinja2 fails there even where the dictionary is never made.
        throw tokens.fail("a list or dictionary cannot be a key");
      }
      keys.add(key);
      tokens.expectOperator(":");
      values.add(expressions.expression());
    }
    tokens.expectOperator("}");
    return new Expressions.Dict(keys, values);
  }

  Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.isOperator(".") || tokens.isOperator("[")) {
        nesting.link();
        value = subscript(value);
      } else if (tokens.isOperator("(")) {
        nesting.link();
        value = new Expressions.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.isOperator("|")) {
        nesting.link();
        Statements.Filtering filter = filter();
        value = new Expressions.Filtered(value, filter.name(), filter.arguments());
      } else if (tokens.isName("is")) {
        nesting.link();
        value = test(value);
      } else if (tokens.isOperator("(")) {
        nesting.link();
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
      Expression from = tokens.isOperator(":") ? null : expressions.expression();
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
      to = expressions.expression();
    }
    if (tokens.skipOperator(":") && !isSliceEnd()) {
      step = expressions.expression();
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
        list = expressions.expression();
      } else if (tokens.isOperator("**") && dict == null) {
        tokens.next();
        dict = expressions.expression();
      } else if (tokens.is(Token.Kind.NAME) && tokens.ahead().isOperator("=") && dict == null) {
        String name = tokens.next().text();
        tokens.next();
        if (!seen.add(name)) {
          throw tokens.fail("keyword argument repeated: " + name);
        }
        names.add(name);
        named.add(expressions.expression());
      } else if (list == null && dict == null && names.isEmpty()) {
        positional.add(expressions.expression());
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
    } catch (RenderError e) {
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
