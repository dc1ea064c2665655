package io.dil.data.template.jinja;

import io.dil.data.template.library.Attributes;
import io.dil.data.template.library.Filters;
import io.dil.data.template.library.Tests;
import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Slices;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The expressions, but for the operators. */
final class Expressions {
  private Expressions() {}

  /** A literal. */
  record Constant(Object value) implements Expression {
    @Override
    public Object value(Scope scope) {
      return value;
    }
  }

  /** A variable. */
  record Variable(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** {@code [a, b]} or {@code (a, b)}. */
  record Items(List<Expression> items, boolean isList) implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.budget().elements(items.size());
      List<Object> values = new ArrayList<>(items.size());
      for (Expression item : items) {
        values.add(item.value(scope));
      }
      return isList ? new PyList(values) : new PyTuple(values);
    }
  }

  /** {@code {key: value}}. */
  record Dict(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.budget().elements(2L * keys.size());
      PyDict dict = new PyDict();
      for (int i = 0; i < keys.size(); i++) {
        Object key = keys.get(i).value(scope);
        dict.put(key, values.get(i).value(scope));
      }
      return dict;
    }
  }

  /** {@code owner.name}. */
  record Attribute(Expression owner, String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Attributes.attribute(owner.value(scope), name, scope.budget());
    }
  }

  /** {@code owner[key]}. */
  record Item(Expression owner, Expression key) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = owner.value(scope);
      return Attributes.item(value, key.value(scope), scope.budget());
    }
  }

  /** {@code owner[start:stop:step]}. */
  record Slice(
      Expression owner,
      @Nullable Expression start,
      @Nullable Expression stop,
      @Nullable Expression step)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = owner.value(scope);
      Object from = start == null ? null : start.value(scope);
      Object to = stop == null ? null : stop.value(scope);
      Object by = step == null ? null : step.value(scope);
      return Slices.of(value, from, to, by, scope.budget());
    }
  }

  /**
   * What stands between the parentheses of a call.
   *
   * @param positional the arguments without names
   * @param names the names of the others
   * @param named the arguments with names
   * @param list {@code *list}, if there is one
   * @param dict {@code **dict}, if there is one
   */
  record CallArguments(
      List<Expression> positional,
      List<String> names,
      List<Expression> named,
      @Nullable Expression list,
      @Nullable Expression dict) {
    static final CallArguments NONE =
        new CallArguments(List.of(), List.of(), List.of(), null, null);

    Arguments values(Scope scope) {
      if (positional.isEmpty() && names.isEmpty() && list == null && dict == null) {
        return Arguments.NONE;
      }
      List<Object> values = new ArrayList<>(positional.size());
      for (Expression argument : positional) {
        values.add(argument.value(scope));
      }
      if (list != null) {
        values.addAll(Iteration.list(list.value(scope), scope.budget()));
      }
      Map<String, Object> byName = Map.of();
      if (!names.isEmpty() || dict != null) {
        byName = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
          byName.put(names.get(i), named.get(i).value(scope));
        }
      }
      if (dict != null) {
        spread(dict.value(scope), byName, scope);
      }
      return new Arguments(values, byName);
    }

    private static void spread(Object value, Map<String, Object> byName, Scope scope) {
      if (!(value instanceof PyDict dict)) {
        if (value instanceof Undefined undefined) {
          throw undefined.used();
        }
        throw RenderError.type("argument after ** must be a mapping, not " + Types.name(value));
      }
      scope.budget().elements(dict.size());
      for (Map.Entry<Object, Object> entry : dict.entries()) {
        if (!(dict.key(entry) instanceof String name)) {
          throw RenderError.type("keywords must be strings");
        }
        if (byName.put(name, entry.getValue()) != null) {
          throw RenderError.type("got multiple values for keyword argument '" + name + "'");
        }
      }
    }
  }

  /** {@code callee(…)}. */
  record Call(Expression callee, CallArguments arguments) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object function = callee.value(scope);
      return Attributes.call(function, arguments.values(scope), scope.budget());
    }

    /** Calls with a body to call back. */
    Object value(Scope scope, Macro caller) {
      Object function = callee.value(scope);
      Arguments given = arguments.values(scope);
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      if (named.put("caller", caller) != null) {
        throw RenderError.type("got multiple values for keyword argument 'caller'");
      }
      return Attributes.call(function, new Arguments(given.positional(), named), scope.budget());
    }
  }

  /** {@code value|name(…)}. */
  record Filtered(Expression operand, String name, CallArguments arguments) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      scope.budget().step();
      return Filters.named(name).apply(value, arguments.values(scope), scope.budget());
    }
  }

  /** {@code value is name(…)}. */
  record Tested(Expression operand, String name, CallArguments arguments) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      scope.budget().step();
      return Tests.named(name).passes(value, arguments.values(scope), scope.budget());
    }
  }

  /** {@code value if test else otherwise}. */
  record Conditional(Expression test, Expression value, @Nullable Expression otherwise)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      if (Types.truth(test.value(scope))) {
        return value.value(scope);
      }
      return otherwise != null
          ? otherwise.value(scope)
          : Undefined.because("the inline if-expression evaluated to false and has no else");
    }
  }

  /** {@code -value} or {@code +value}. */
  record Signed(Expression operand, boolean negative) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      return negative ? Arithmetic.negative(value) : Arithmetic.positive(value);
    }
  }
}
