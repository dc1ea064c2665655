package io.dil.data.template.jinja;

import io.dil.data.template.python.RenderError;
import java.util.List;

/** Goes through tokens, with an eye on the next. */
final class Tokens {
  private final List<Token> tokens;
  private int at;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (at < tokens.size() - 1) {
      at++;
    }
    return token;
  }

  boolean isName(String name) {
    return current().isName(name);
  }

  boolean isOperator(String operator) {
    return current().isOperator(operator);
  }

  boolean is(Token.Kind kind) {
    return current().kind() == kind;
  }

  boolean skipName(String name) {
    boolean found = isName(name);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipOperator(String operator) {
    boolean found = isOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw expected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw expected("'" + name + "'");
    }
  }

  String name() {
    if (!is(Token.Kind.NAME)) {
      throw expected("a name");
    }
    return next().text();
  }

  void expect(Token.Kind kind, String shown) {
    if (!is(kind)) {
      throw expected(shown);
    }
    next();
  }

  RenderError expected(String what) {
    return fail("expected " + what + ", got '" + current().shown() + "'");
  }

  RenderError fail(String message) {
    return RenderError.syntax(message, current().line());
  }
}
