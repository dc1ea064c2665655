package io.dil.data.template.python;

import java.util.Iterator;

/**
 * A generator: gives each of its values once, and makes it only when it is asked for.
 *
 * @param type what Python calls it
 * @param values the values
 */
public record PyIterator(String type, Iterator<Object> values) {
  /** Makes a generator. */
  public static PyIterator of(Iterator<Object> values) {
    return new PyIterator("generator", values);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
