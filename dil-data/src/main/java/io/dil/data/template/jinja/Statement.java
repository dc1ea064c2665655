package io.dil.data.template.jinja;

/** A part of a template that writes, sets or decides. */
interface Statement {
  /** How a statement ended. */
  enum End {
    /** The next one follows. */
    NEXT,
    /** The loop goes on with its next round. */
    CONTINUE,
    /** The loop ends. */
    BREAK
  }

  /** Carries it out. */
  End run(Scope scope, StringBuilder out);
}
