package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;

/**
 * A method of a value, or a filter: takes the value before the arguments.
 *
 * @param <T> what it is a method of
 */
@FunctionalInterface
interface Method<T> {
  Object call(T owner, Arguments arguments, Budget budget);
}
