package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;

/** A filter. */
@FunctionalInterface
public interface Filter {
  /** Applies it to a value. */
  Object apply(Object value, Arguments arguments, Budget budget);
}
