package io.dil.data.template.jinja;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Function;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyObject;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A macro, or the body of a {@code call} block, with the scope that it was defined in. */
final class Macro implements Function, PyObject {
  private static final String CALLER = "caller";

  /**
   * What a template says of a macro.
   *
   * @param name its name; {@code caller} for the body of a call block
   * @param parameters the names of its parameters
   * @param defaults the defaults of the last of them
   * @param body what it writes
   * @param names what its body reads and sets
   */
  record Definition(
      String name, List<String> parameters, List<Expression> defaults, Body body, Names names) {
    boolean reads(String special) {
      return names.reads(special) && !parameters.contains(special);
    }

    @Nullable Expression defaultOf(int parameter) {
      int at = parameter - (parameters.size() - defaults.size());
      return at < 0 ? null : defaults.get(at);
    }
  }

  private final Definition definition;
  private final Scope home;

  Macro(Definition definition, Scope home) {
    this.definition = definition;
    this.home = home;
  }

  @Override
  public Object call(Arguments arguments, Budget budget) {
    Scope scope = home.inner(definition.names.missing());
    bind(arguments, scope);
    budget.enter();
    try {
      return definition.body.text(scope);
    } finally {
      budget.leave();
    }
  }

  private void bind(Arguments arguments, Scope scope) {
    List<String> parameters = definition.parameters;
    List<Object> given = arguments.positional();
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    boolean callerIsParameter = parameters.contains(CALLER);
    boolean foundCaller = callerIsParameter && given.size() >= parameters.size();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      scope.hide(name);
      if (i < given.size()) {
        scope.set(name, given.get(i));
      } else {
        Object value = named.remove(name);
        if (value != null) {
          scope.set(name, value);
        }
        foundCaller |= name.equals(CALLER);
      }
    }
    if (definition.names.reads(CALLER) && !foundCaller) {
      Object caller = named.remove(CALLER);
      if (!callerIsParameter) {
        scope.set(CALLER, caller != null ? caller : Undefined.because("No caller defined"));
      }
    }
    if (definition.reads("kwargs")) {
      PyDict rest = new PyDict();
      named.forEach(rest::put);
      scope.set("kwargs", rest);
    } else if (!named.isEmpty()) {
      throw RenderError.type(
          "macro '"
              + definition.name
              + "' takes no keyword argument '"
              + named.keySet().iterator().next()
              + "'");
    }
    if (definition.reads("varargs")) {
      int from = Math.min(given.size(), parameters.size());
      scope.set("varargs", new PyTuple(List.copyOf(given.subList(from, given.size()))));
    } else if (given.size() > parameters.size()) {
      throw RenderError.type(
          "macro '"
              + definition.name
              + "' takes not more than "
              + parameters.size()
              + " argument(s)");
    }
    defaults(scope);
  }

  private void defaults(Scope scope) {
    for (int i = 0; i < definition.parameters.size(); i++) {
      String name = definition.parameters.get(i);
      if (scope.isHidden(name)) {
        Expression otherwise = definition.defaultOf(i);
        scope.set(
            name,
            otherwise != null
                ? otherwise.value(scope)
                : Undefined.because("parameter '" + name + "' was not provided"));
      }
    }
  }

  @Override
  public String type() {
    return "Macro";
  }

  @Override
  public @Nullable Object attribute(String name) {
    return switch (name) {
      case "name" -> definition.name;
      case "arguments" -> new PyTuple(new ArrayList<>(definition.parameters));
      case "catch_kwargs" -> definition.reads("kwargs");
      case "catch_varargs" -> definition.reads("varargs");
      case CALLER -> definition.names.reads(CALLER);
      case "explicit_caller" -> definition.parameters.contains(CALLER);
      default -> null;
    };
  }

  @Override
  public String shown(Budget budget) {
    return definition.name.isEmpty()
        ? "<Macro anonymous>"
        : "<Macro " + Repr.of(definition.name, budget) + ">";
  }
}
