package io.dil.data.template.jinja;

/** A part of a template that has a value. */
interface Expression {
  /** Computes the value. */
  Object value(Scope scope);
}
