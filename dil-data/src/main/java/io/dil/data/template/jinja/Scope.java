package io.dil.data.template.jinja;

import io.dil.data.template.library.Globals;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.Undefined;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables that a piece of a template sees: its own, then those of what it stands in.
 *
 * <p>jinja2 decides at compile time which variable a name means. A name that is set in a piece
 * before it is read there hides an outer one from the start, also from macros and loops that read
 * it earlier; {@link Names} finds those names, and here they are missing until they are set.
 */
final class Scope {
  /** Stands for a variable that is not set yet and hides outer ones. */
  private static final Object MISSING = new Object();

  private final Rendering rendering;
  private final @Nullable Scope parent;
  private final Map<String, Object> names;

  private Scope(Rendering rendering, @Nullable Scope parent, Map<String, Object> names) {
    this.rendering = rendering;
    this.parent = parent;
    this.names = names;
  }

  /** The scope of what the caller gives a template. */
  static Scope of(Rendering rendering, PyDict values) {
    Map<String, Object> names = new HashMap<>();
    values.entries().forEach(entry -> names.put((String) entry.getKey(), entry.getValue()));
    return new Scope(rendering, null, names);
  }

  /** Returns a scope inside this one, in which some names are missing until they are set. */
  Scope inner(Set<String> missing) {
    Map<String, Object> inner = new HashMap<>(8);
    for (String name : missing) {
      inner.put(name, MISSING);
    }
    return new Scope(rendering, this, inner);
  }

  /**
   * Returns the scope of a block: what has been set at the top of the template, and nothing else.
   */
  Scope block(Set<String> missing) {
    Scope top = this;
    while (top.parent != null && top.parent.parent != null) {
      top = top.parent;
    }
    Scope given = top.parent == null ? top : top.parent;
    Map<String, Object> exported = new HashMap<>(top.names);
    exported.values().removeIf(value -> value == MISSING);
    return new Scope(rendering, given, exported).inner(missing);
  }

  Rendering rendering() {
    return rendering;
  }

  Budget budget() {
    return rendering.budget();
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  /** Makes a name missing until it is set. */
  void hide(String name) {
    names.put(name, MISSING);
  }

  boolean isHidden(String name) {
    return names.get(name) == MISSING;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Object value = scope.names.get(name);
      if (value != null) {
        return value == MISSING ? Undefined.name(name) : value;
      }
    }
    Object global = Globals.named(name);
    return global != null ? global : Undefined.name(name);
  }
}
