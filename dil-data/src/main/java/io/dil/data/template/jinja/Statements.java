package io.dil.data.template.jinja;

import io.dil.data.template.library.Filters;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Types;
import java.util.List;

/** The statements, but for loops and macros. */
final class Statements {
  private Statements() {}

  /** Text that is written as it stands. */
  record Data(String text) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      write(text, scope, out);
      return End.NEXT;
    }
  }

  /** {@code {{ value }}}. */
  record Print(Expression value) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      write(Repr.text(value.value(scope), scope.budget()), scope, out);
      return End.NEXT;
    }
  }

  static void write(String text, Scope scope, StringBuilder out) {
    scope.budget().text(text.length());
    if (out.length() + text.length() > Budget.LONGEST_TEXT) {
      scope.budget().text((long) out.length() + text.length());
    }
    out.append(text);
  }

  /**
   * {@code if}, {@code elif} and {@code else}.
   *
   * @param tests the conditions
   * @param bodies what each of them leads to
   * @param otherwise what happens if none holds
   */
  record If(List<Expression> tests, List<Body> bodies, Body otherwise) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      for (int i = 0; i < tests.size(); i++) {
        if (Types.truth(tests.get(i).value(scope))) {
          return bodies.get(i).run(scope, out);
        }
      }
      return otherwise.run(scope, out);
    }
  }

  /** {@code set target = value}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      target.check(scope);
      target.assign(scope, value.value(scope));
      return End.NEXT;
    }
  }

  /** {@code set target}…{@code endset}: what the body writes, filtered. */
  record SetBlock(Target target, List<Filtering> filters, Body body, Names names)
      implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      Scope inner = scope.inner(names.missing());
      StringBuilder written = new StringBuilder();
      End end = body.run(inner, written);
      if (end != End.NEXT) {
        return end;
      }
      target.assign(scope, filtered(written.toString(), filters, inner));
      return End.NEXT;
    }
  }

  /** {@code filter …}: writes what the body writes, filtered. */
  record FilterBlock(List<Filtering> filters, Body body, Names names) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      Scope inner = scope.inner(names.missing());
      StringBuilder written = new StringBuilder();
      End end = body.run(inner, written);
      if (end == End.NEXT) {
        writeText(filtered(written.toString(), filters, inner), scope, out);
      }
      return end;
    }
  }

  /** A filter and its arguments, without the value. */
  record Filtering(String name, Expressions.CallArguments arguments) {
    Object apply(Object value, Scope scope) {
      return Filters.named(name).apply(value, arguments.values(scope), scope.budget());
    }
  }

  private static Object filtered(Object value, List<Filtering> filters, Scope scope) {
    Object result = value;
    for (Filtering filter : filters) {
      result = filter.apply(result, scope);
    }
    return result;
  }

  /** {@code with}: a scope of its own, with values from outside it. */
  record With(List<Target> targets, List<Expression> values, Body body, Names names)
      implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      Scope inner = scope.inner(names.missing());
      for (int i = 0; i < values.size(); i++) {
        targets.get(i).assign(inner, values.get(i).value(scope));
      }
      return body.run(inner, out);
    }
  }

  /** {@code block}: sees only what has been set at the top. */
  record Block(Body body, Names names) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      return body.run(scope.block(names.missing()), out);
    }
  }

  /** {@code generation}: the model's own words; its place in the text is noted. */
  record Generation(Body body, Names names) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      int from = out.length();
      body.run(scope.inner(names.missing()), out);
      scope.rendering().spoken(out, from);
      return End.NEXT;
    }
  }

  /** {@code break} or {@code continue}. */
  record Jump(End end) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      return end;
    }
  }

  /** {@code macro}: names a macro. */
  record Define(Macro.Definition definition) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      scope.set(definition.name(), new Macro(definition, scope));
      return End.NEXT;
    }
  }

  /** {@code call}: calls a macro with a body that it can call back. */
  record CallBlock(Expressions.Call call, Macro.Definition caller) implements Statement {
    @Override
    public End run(Scope scope, StringBuilder out) {
      Object value = call.value(scope, new Macro(caller, scope));
      writeText(value, scope, out);
      return End.NEXT;
    }
  }

  /** Writes what a block gives, which jinja2 does not turn into text. */
  private static void writeText(Object value, Scope scope, StringBuilder out) {
    if (!(Types.text(value) instanceof String text)) {
      throw RenderError.type("a block must give text, got " + Types.name(value));
    }
    write(text, scope, out);
  }
}
