package io.dil.data.template.jinja;

import org.jspecify.annotations.Nullable;

/** The pieces of a template that the parser is in: whose names it meets. */
final class Pieces {
  private Names current = new Names(null);

  Names current() {
    return current;
  }

  /** Begins a piece inside the current one. */
  Names enter() {
    return enter(current);
  }

  /** Begins a piece inside another, or on its own. */
  Names enter(@Nullable Names parent) {
    current = new Names(parent);
    return current;
  }

  /** Goes back to a piece. */
  void leaveTo(Names outer) {
    current = outer;
  }

  /** Begins what may not run: there, jinja2 looks for filters and tests only when it does. */
  void enterCondition() {
    current.enterBranch();
  }

  void leaveCondition() {
    current.leaveBranch();
  }

  boolean mayNotRun() {
    return current.isBranch();
  }
}
