package io.dil.data.template.library;

import io.dil.data.template.python.Budget;
import io.dil.data.template.python.None;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/** Goes through some of what another goes through, as generators do: only as far as it is asked. */
public final class Iterators {
  private Iterators() {}

  /** Gives the values that pass a test. */
  public static Iterator<Object> filtered(
      Iterator<Object> items, Predicate<Object> test, Budget budget) {
    return new Iterator<>() {
      private Object next = None.NONE;
      private boolean found;

      @Override
      public boolean hasNext() {
        while (!found && items.hasNext()) {
          budget.step();
          next = items.next();
          found = test.test(next);
        }
        return found;
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        found = false;
        return next;
      }
    };
  }
}
