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

  /** The first variable stands apart: most scopes are rounds of a loop, with one. */
  private @Nullable String first;

  private Object firstValue = MISSING;
  private @Nullable Map<String, Object> others;

  private Scope(Rendering rendering, @Nullable Scope parent) {
    this.rendering = rendering;
    this.parent = parent;
  }

  /** The scope of what the caller gives a template. */
  static Scope of(Rendering rendering, PyDict values) {
    Scope scope = new Scope(rendering, null);
    values.entries().forEach(entry -> scope.set((String) entry.getKey(), entry.getValue()));
    return scope;
  }

  /** Returns a scope inside this one, in which some names are missing until they are set. */
  Scope inner(Set<String> missing) {
    Scope inner = new Scope(rendering, this);
    for (String name : missing) {
      inner.set(name, MISSING);
    }
    return inner;
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
    Scope exported = new Scope(rendering, given);
    if (top.first != null && top.firstValue != MISSING) {
      exported.set(top.first, top.firstValue);
    }
    if (top.others != null) {
      top.others.forEach(
          (name, value) -> {
            if (value != MISSING) {
              exported.set(name, value);
            }
          });
    }
    return exported.inner(missing);
  }

  Rendering rendering() {
    return rendering;
  }

  Budget budget() {
    return rendering.budget();
  }

  void set(String name, Object value) {
    if (first == null || first.equals(name)) {
      first = name;
      firstValue = value;
      return;
    }
    if (others == null) {
      others = new HashMap<>(8);
    }
    others.put(name, value);
  }

  /** Makes a name missing until it is set. */
  void hide(String name) {
    set(name, MISSING);
  }

  boolean isHidden(String name) {
    return own(name) == MISSING;
  }

  private @Nullable Object own(String name) {
    if (name.equals(first)) {
      return firstValue;
    }
    return others == null ? null : others.get(name);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Object value = scope.own(name);
      if (value != null) {
        return value == MISSING ? Undefined.name(name) : value;
      }
    }
    Object global = Globals.named(name);
    return global != null ? global : Undefined.name(name);
  }
}
