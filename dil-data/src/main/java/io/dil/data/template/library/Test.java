package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;

/** A test, the right side of {@code is}. */
@FunctionalInterface
public interface Test {
  /** Returns whether a value passes. */
  boolean passes(Object value, Arguments arguments, Budget budget);
}
