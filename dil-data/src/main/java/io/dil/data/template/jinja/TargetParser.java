package io.dil.data.template.jinja;

import io.dil.data.template.python.RenderError;
import java.util.ArrayList;
import java.util.List;

/** Reads what is assigned to: names, tuples of names, and attributes of namespaces. */
final class TargetParser {
  private final Tokens tokens;
  private final Pieces pieces;

  TargetParser(Tokens tokens, Pieces pieces) {
    this.tokens = tokens;
    this.pieces = pieces;
  }

  /**
   * Reads a target.
   *
   * @param several whether names with commas between them are one target
   * @param ends the names that end it; without any, attributes of namespaces are targets too
   */
  Target read(boolean several, String... ends) {
    List<Target> targets = new ArrayList<>();
    boolean isTuple = false;
    while (!tokens.isOperator(")") && !tokens.is(Token.Kind.BLOCK_END) && !isEnd(ends)) {
      targets.add(oneTarget(ends.length == 0));
      if (!several || !tokens.skipOperator(",")) {
        break;
      }
      isTuple = true;
    }
    if (targets.isEmpty()) {
      throw tokens.expected("a name to assign to");
    }
    return isTuple ? new Target.Several(targets) : targets.get(0);
  }

  private boolean isEnd(String... ends) {
    for (String end : ends) {
      if (tokens.isName(end)) {
        return true;
      }
    }
    return false;
  }

  private Target oneTarget(boolean withAttributes) {
    if (tokens.skipOperator("(")) {
      Target inner = read(true, "in");
      tokens.expectOperator(")");
      return inner;
    }
    int line = tokens.current().line();
    String name = tokens.name();
    if (withAttributes && tokens.skipOperator(".")) {
      pieces.current().read(name);
      return new Target.Attribute(name, tokens.name());
    }
    try {
      return new Target.Name(name);
    } catch (RenderError e) {
      throw e.at(line);
    }
  }
}
