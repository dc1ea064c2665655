package io.dil.data.template.jinja;

import io.dil.data.template.library.Iterators;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.Types;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * {@code for}.
 *
 * @param target the loop's variables
 * @param items what it goes through
 * @param test which items it takes; null for all
 * @param recursive whether its body can call {@code loop}
 * @param body what happens for each
 * @param otherwise what happens if no round came to its end
 * @param names what the body reads and sets
 * @param testNames what the test reads
 * @param otherwiseNames what the other body reads and sets
 */
record ForLoop(
    Target target,
    Expression items,
    @Nullable Expression test,
    boolean recursive,
    Body body,
    Body otherwise,
    Names names,
    Names testNames,
    Names otherwiseNames)
    implements Statement {
  /** A round makes a scope and sets its variables. */
  private static final int STEPS_OF_ROUND = 5;

  @Override
  public End run(Scope scope, StringBuilder out) {
    return rounds(scope, items.value(scope), 0, out);
  }

  private End rounds(Scope scope, Object source, long depth, StringBuilder out) {
    Budget budget = scope.budget();
    Object taken = test == null ? source : PyIterator.of(chosen(scope, source, test));
    Loop.Recursion recursion = recursive ? (inner, level) -> text(scope, inner, level) : null;
    Loop loop = new Loop(taken, Iteration.of(taken, budget), depth, recursion, budget);
    boolean completed = false;
    for (Object item = loop.next(); item != null; item = loop.next()) {
      budget.steps(STEPS_OF_ROUND);
      Scope inner = scope.inner(names.missing());
      target.assign(inner, item);
      if (names.reads("loop") || recursive) {
        inner.set("loop", loop);
      }
      End end = body.run(inner, out);
      if (end == End.BREAK) {
        break;
      }
      // As in jinja2, a round that is cut short does not keep the other body from running.
      completed |= end == End.NEXT;
    }
    if (!completed) {
      return otherwise.run(scope.inner(otherwiseNames.missing()), out);
    }
    return End.NEXT;
  }

  private String text(Scope scope, Object inner, long depth) {
    scope.budget().enter();
    try {
      StringBuilder out = new StringBuilder();
      rounds(scope, inner, depth, out);
      return out.toString();
    } finally {
      scope.budget().leave();
    }
  }

  private Iterator<Object> chosen(Scope scope, Object source, Expression condition) {
    return Iterators.filtered(
        Iteration.of(source, scope.budget()),
        item -> {
          scope.budget().steps(STEPS_OF_ROUND);
          Scope inner = scope.inner(testNames.missing());
          target.assign(inner, item);
          return Types.truth(condition.value(inner));
        },
        scope.budget());
  }
}
