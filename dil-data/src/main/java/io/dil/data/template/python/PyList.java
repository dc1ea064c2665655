package io.dil.data.template.python;

import java.util.List;

/** A list. */
public final class PyList extends PySequence {
  /** Wraps the elements, which must not change any more. */
  public PyList(List<Object> items) {
    super(items);
  }
}
