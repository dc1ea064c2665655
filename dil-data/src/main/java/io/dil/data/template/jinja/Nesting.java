package io.dil.data.template.jinja;

/** How deep and how long expressions may be. */
final class Nesting {
  /** Parentheses and operators inside one another; jinja2 stops at some 70. */
  private static final int DEEPEST = 200;

  /** Operators one after the other. */
  private static final int LONGEST_CHAIN = 1000;

  private final Tokens tokens;
  private int depth;
  private int chain;

  Nesting(Tokens tokens) {
    this.tokens = tokens;
  }

  void enter() {
    if (++depth > DEEPEST) {
      throw tokens.fail("expressions must be nested at most " + DEEPEST + " deep, went deeper");
    }
  }

  void leave() {
    depth--;
  }

  /** Notes one more operator; a new expression begins to count anew. */
  void link() {
    if (++chain > LONGEST_CHAIN) {
      throw tokens.fail(
          "an expression must have at most " + LONGEST_CHAIN + " operators, got more");
    }
  }

  void start() {
    chain = depth == 0 ? 0 : chain;
  }
}
