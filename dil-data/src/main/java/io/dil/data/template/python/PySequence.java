package io.dil.data.template.python;

import java.util.Collections;
import java.util.List;

/** A list or a tuple. Templates cannot change either: the sandbox is immutable. */
public abstract sealed class PySequence permits PyList, PyTuple {
  private final List<Object> items;

  PySequence(List<Object> items) {
    this.items = Collections.unmodifiableList(items);
  }

  /** Returns the elements. */
  public final List<Object> items() {
    return items;
  }
}
