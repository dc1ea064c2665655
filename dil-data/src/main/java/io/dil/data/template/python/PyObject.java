package io.dil.data.template.python;

import org.jspecify.annotations.Nullable;

/** An object with attributes of its own: a loop, a macro, a cycler. */
public interface PyObject {
  /** Returns the name of its type. */
  String type();

  /** Returns an attribute, or null if there is no such. */
  @Nullable Object attribute(String name);

  /** Returns how it is printed. */
  default String shown(Budget budget) {
    throw RenderError.notOffered("printing a " + type());
  }
}
