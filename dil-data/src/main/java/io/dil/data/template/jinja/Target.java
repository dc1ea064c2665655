package io.dil.data.template.jinja;

import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.PyNamespace;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What a value is assigned to. */
sealed interface Target {
  /** Assigns a value. */
  void assign(Scope scope, Object value);

  /** Checks what can be checked before the value is computed. */
  default void check(Scope scope) {}

  /** Gives every plain name that is assigned. */
  void names(Consumer<String> sink);

  /** A name. */
  record Name(String name) implements Target {
    private static final Set<String> CONSTANTS =
        Set.of("true", "false", "none", "True", "False", "None");

    public Name {
      if (CONSTANTS.contains(name)) {
        throw RenderError.value("can't assign to '" + name + "'");
      }
    }

    @Override
    public void assign(Scope scope, Object value) {
      scope.set(name, value);
    }

    @Override
    public void names(Consumer<String> sink) {
      sink.accept(name);
    }
  }

  /** An attribute of a namespace. */
  record Attribute(String owner, String name) implements Target {
    @Override
    public void check(Scope scope) {
      if (!(scope.get(owner) instanceof PyNamespace)) {
        throw RenderError.value("cannot assign attribute on non-namespace object");
      }
    }

    @Override
    public void assign(Scope scope, Object value) {
      check(scope);
      ((PyNamespace) scope.get(owner)).set(name, value);
    }

    @Override
    public void names(Consumer<String> sink) {
      // The namespace is read, not set.
    }
  }

  /** Several targets, which the elements of a value go to. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void check(Scope scope) {
      targets.forEach(target -> target.check(scope));
    }

    @Override
    public void assign(Scope scope, Object value) {
      Iterator<Object> items = Iteration.tryOf(value);
      if (items == null) {
        throw RenderError.type("cannot unpack non-iterable " + Types.name(value) + " object");
      }
      Object[] values = new Object[targets.size()];
      int found = 0;
      while (found < values.length && items.hasNext()) {
        values[found++] = items.next();
      }
      if (found < values.length || items.hasNext()) {
        throw RenderError.value(
            (found < values.length ? "not enough" : "too many")
                + " values to unpack (expected "
                + values.length
                + ")");
      }
      for (int i = 0; i < values.length; i++) {
        targets.get(i).assign(scope, values[i]);
      }
    }

    @Override
    public void names(Consumer<String> sink) {
      targets.forEach(target -> target.names(sink));
    }
  }
}
