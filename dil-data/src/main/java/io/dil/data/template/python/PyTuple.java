package io.dil.data.template.python;

import java.util.Arrays;
import java.util.List;

/** A tuple; its elements may have names, as those of {@code groupby} do. */
public final class PyTuple extends PySequence {
  private final List<String> names;

  /** Wraps the elements, which must not change any more. */
  public PyTuple(List<Object> items) {
    this(items, List.of());
  }

  /** Wraps elements with names. */
  public PyTuple(List<Object> items, List<String> names) {
    super(items);
    this.names = List.copyOf(names);
  }

  /** Makes a tuple. */
  public static PyTuple of(Object... items) {
    return new PyTuple(Arrays.asList(items));
  }

  /** Returns the names of the elements; empty for an ordinary tuple. */
  public List<String> names() {
    return names;
  }
}
