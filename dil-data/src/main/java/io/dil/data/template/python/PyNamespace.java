package io.dil.data.template.python;

/**
 * {@code namespace(…)}: the one object whose attributes a template can set.
 *
 * @param attributes the attributes
 */
public record PyNamespace(PyDict attributes) {
  /** Checks the names, as transformers does. */
  public PyNamespace {
    attributes.entries().forEach(entry -> check(attributes.key(entry)));
  }

  /** Sets an attribute. */
  public void set(String name, Object value) {
    check(name);
    attributes.put(name, value);
  }

  private static void check(Object name) {
    if (name instanceof String text && text.startsWith("_")) {
      throw RenderError.value(
          "a namespace must have no attributes that begin with an underscore, got " + text);
    }
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
