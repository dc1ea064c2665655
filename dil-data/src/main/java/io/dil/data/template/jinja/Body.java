package io.dil.data.template.jinja;

import io.dil.data.template.python.RenderError;
import java.util.List;

/**
 * Statements one after the other.
 *
 * @param statements the statements
 * @param lines the line of each
 */
record Body(List<Statement> statements, List<Integer> lines) {
  static final Body EMPTY = new Body(List.of(), List.of());

  Statement.End run(Scope scope, StringBuilder out) {
    for (int i = 0; i < statements.size(); i++) {
      scope.budget().step();
      try {
        Statement.End end = statements.get(i).run(scope, out);
        if (end != Statement.End.NEXT) {
          return end;
        }
      } catch (RenderError e) {
        throw e.at(lines.get(i));
      }
    }
    return Statement.End.NEXT;
  }

  /**
   * Runs it to its end and returns what it writes; what it breaks out of is the caller's concern.
   */
  String text(Scope scope) {
    StringBuilder out = new StringBuilder();
    run(scope, out);
    return out.toString();
  }
}
