package io.dil.data.template.python;

/**
 * {@code namespace(…)}: the one object whose attributes a template can set.
 *
 * @param attributes the attributes
 */
public record PyNamespace(PyDict attributes) {
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
