package io.dil.data.template.jinja;

import io.dil.data.template.python.RenderError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads statements. */
final class Parser {
  /** Blocks inside one another. */
  private static final int DEEPEST = 100;

  private static final Set<String> OTHER_TEMPLATES = Set.of("include", "import", "from", "extends");

  private final Tokens tokens;
  private final Pieces pieces = new Pieces();
  private final ExpressionParser expressions;
  private final TargetParser targets;
  private final Set<String> blocks = new HashSet<>();
  private int depth;

  /** How many loops stand around; those that a {@code break} here could end. */
  private int loops;

  private int breakable;

  private Parser(String source) {
    tokens = new Tokens(Lexer.tokens(source));
    expressions = new ExpressionParser(tokens, pieces);
    targets = new TargetParser(tokens, pieces);
  }

  /**
   * A template.
   *
   * @param body its statements
   * @param names what it reads and sets at its top
   */
  record Parsed(Body body, Names names) {}

  static Parsed parse(String source) {
    Parser parser = new Parser(source);
    Names top = parser.pieces.current();
    return new Parsed(parser.body(), top);
  }

  /**
   * Reads up to an end tag, whose name is the current token then, or to the end of the template.
   */
  private Body body(String... ends) {
    if (++depth > DEEPEST) {
      throw tokens.fail("blocks must be nested at most " + DEEPEST + " deep, went deeper");
    }
    List<Statement> statements = new ArrayList<>();
    List<Integer> lines = new ArrayList<>();
    while (!tokens.is(Token.Kind.END)) {
      Token token = tokens.next();
      if (token.kind() == Token.Kind.BLOCK_BEGIN) {
        for (String end : ends) {
          if (tokens.isName(end)) {
            depth--;
            return new Body(statements, lines);
          }
        }
      }
      lines.add(token.line());
      statements.add(
          switch (token.kind()) {
            case DATA -> new Statements.Data(token.text());
            case PRINT_BEGIN -> print();
            default -> statement();
          });
    }
    if (ends.length > 0) {
      throw tokens.fail("expected '" + String.join("' or '", ends) + "', got end of template");
    }
    depth--;
    return new Body(statements, lines);
  }

  private Statement print() {
    Expression value = expressions.tuple(true);
    tokens.expect(Token.Kind.PRINT_END, "'}}'");
    return new Statements.Print(value);
  }

  /** Reads a body after the end of its tag, and the end tag's name. */
  private Body bodyAfterTag(String... ends) {
    tokens.skipOperator(":");
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
    return body(ends);
  }

  private Body lastBody(String end) {
    Body body = bodyAfterTag(end);
    tokens.next();
    return body;
  }

  private Statement statement() {
    int line = tokens.current().line();
    String tag = tokens.name();
    Statement statement =
        switch (tag) {
          case "if" -> conditional();
          case "for" -> loop();
          case "set" -> set();
          case "macro" -> macro();
          case "call" -> call();
          case "filter" -> filter();
          case "with" -> with();
          case "block" -> block();
          case "generation" -> generation();
          case "print" -> printTag();
          case "break", "continue" -> jump(tag);
          default -> throw refused(tag, line);
        };
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
    return statement;
  }

  private static RenderError refused(String tag, int line) {
    if (OTHER_TEMPLATES.contains(tag)) {
      return RenderError.notOffered("tag '" + tag + "' (a template reads no other)").at(line);
    }
    return tag.equals("autoescape")
        ? RenderError.notOffered("tag 'autoescape'").at(line)
        : RenderError.syntax("unknown tag '" + tag + "'", line);
  }

  private Statement conditional() {
    List<Expression> tests = new ArrayList<>();
    List<Body> bodies = new ArrayList<>();
    Body otherwise = Body.EMPTY;
    while (true) {
      boolean first = tests.isEmpty();
      if (!first) {
        pieces.enterCondition();
      }
      tests.add(expressions.tuple(false));
      if (first) {
        pieces.enterCondition();
      }
      bodies.add(bodyAfterTag("elif", "else", "endif"));
      pieces.leaveCondition();
      String end = tokens.name();
      if (end.equals("elif")) {
        continue;
      }
      if (end.equals("else")) {
        pieces.enterCondition();
        otherwise = lastBody("endif");
        pieces.leaveCondition();
      }
      return new Statements.If(tests, bodies, otherwise);
    }
  }

  private Statement loop() {
    Target target = targets.read(true, "in");
    tokens.expectName("in");
    Expression items = expressions.tuple(false, "recursive");
    Names outer = pieces.current();
    Names testNames = pieces.enter();
    target.names(testNames::parameter);
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    pieces.leaveTo(outer);
    boolean recursive = tokens.skipName("recursive");
    Names names = pieces.enter();
    target.names(names::parameter);
    loops++;
    breakable++;
    target.names(this::checkStore);
    Body body = bodyAfterTag("endfor", "else");
    breakable--;
    pieces.leaveTo(outer);
    Body otherwise = Body.EMPTY;
    Names otherwiseNames = pieces.enter();
    if (tokens.name().equals("else")) {
      otherwise = lastBody("endfor");
    }
    loops--;
    pieces.leaveTo(outer);
    return new ForLoop(
        target, items, test, recursive, body, otherwise, names, testNames, otherwiseNames);
  }

  private void checkStore(String name) {
    if (name.equals("loop") && loops > 0) {
      throw tokens.fail("can't assign to special loop variable");
    }
  }

  private void store(Target target) {
    target.names(this::checkStore);
    target.names(pieces.current()::set);
  }

  private Statement set() {
    Target target = targets.read(true);
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple(true);
      store(target);
      return new Statements.Set(target, value);
    }
    Names outer = pieces.current();
    store(target);
    Names names = pieces.enter();
    List<Statements.Filtering> filters = new ArrayList<>();
    while (tokens.isOperator("|")) {
      filters.add(expressions.operands().filter());
    }
    Body body = lastBody("endset");
    pieces.leaveTo(outer);
    return new Statements.SetBlock(target, filters, body, names);
  }

  private Statement macro() {
    String name = tokens.name();
    Target.Name checked = new Target.Name(name);
    store(checked);
    return new Statements.Define(definition(name, true, "endmacro"));
  }

  /** Reads parameters and body of a macro or a call block. */
  private Macro.Definition definition(String name, boolean signature, String end) {
    Names outer = pieces.current();
    Names names = pieces.enter();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (signature) {
      signature(names, parameters, defaults);
    }
    return macroBody(name, names, outer, parameters, defaults, end);
  }

  private Macro.Definition macroBody(
      String name,
      Names names,
      Names outer,
      List<String> parameters,
      List<Expression> defaults,
      String end) {
    int outerBreakable = breakable;
    breakable = 0;
    Body body = lastBody(end);
    breakable = outerBreakable;
    pieces.leaveTo(outer);
    Macro.Definition definition = new Macro.Definition(name, parameters, defaults, body, names);
    int caller = parameters.indexOf("caller");
    if (caller >= 0 && names.reads("caller") && definition.defaultOf(caller) == null) {
      throw tokens.fail("the special 'caller' argument must be omitted or be given a default");
    }
    return definition;
  }

  private void signature(Names names, List<String> parameters, List<Expression> defaults) {
    tokens.expectOperator("(");
    while (!tokens.isOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      String parameter = tokens.name();
      if (parameters.contains(parameter)) {
        throw tokens.fail("duplicate argument '" + parameter + "'");
      }
      checkStore(parameter);
      new Target.Name(parameter).names(names::parameter);
      if (tokens.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.fail("non-default argument follows default argument");
      }
      parameters.add(parameter);
    }
    tokens.expectOperator(")");
  }

  private Statement call() {
    Names outer = pieces.current();
    Names names = pieces.enter();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (tokens.isOperator("(")) {
      signature(names, parameters, defaults);
    }
    pieces.leaveTo(outer);
    Expression call = expressions.expression();
    if (!(call instanceof Expressions.Call callee)) {
      throw tokens.fail("expected call");
    }
    pieces.leaveTo(names);
    return new Statements.CallBlock(
        callee, macroBody("caller", names, outer, parameters, defaults, "endcall"));
  }

  private Statement filter() {
    Names outer = pieces.current();
    Names names = pieces.enter();
    List<Statements.Filtering> filters = new ArrayList<>();
    filters.add(expressions.operands().filterName());
    while (tokens.isOperator("|")) {
      filters.add(expressions.operands().filter());
    }
    Body body = lastBody("endfilter");
    pieces.leaveTo(outer);
    return new Statements.FilterBlock(filters, body, names);
  }

  private Statement with() {
    Names outer = pieces.current();
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.is(Token.Kind.BLOCK_END)) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      Target target = this.targets.read(false, "in");
      tokens.expectOperator("=");
      targets.add(target);
      values.add(expressions.expression());
    }
    Names names = pieces.enter();
    for (Target target : targets) {
      target.names(names::parameter);
    }
    Body body = lastBody("endwith");
    pieces.leaveTo(outer);
    return new Statements.With(targets, values, body, names);
  }

  private Statement block() {
    String name = tokens.name();
    if (!blocks.add(name)) {
      throw tokens.fail("block '" + name + "' defined twice");
    }
    if (tokens.isName("scoped") || tokens.isName("required")) {
      throw RenderError.notOffered("block with '" + tokens.current().text() + "'")
          .at(tokens.current().line());
    }
    Names outer = pieces.current();
    Names names = pieces.enter(null);
    int outerBreakable = breakable;
    breakable = 0;
    Body body = lastBody("endblock");
    breakable = outerBreakable;
    tokens.skipName(name);
    pieces.leaveTo(outer);
    return new Statements.Block(body, names);
  }

  private Statement generation() {
    Names outer = pieces.current();
    Names names = pieces.enter();
    int outerBreakable = breakable;
    breakable = 0;
    Body body = lastBody("endgeneration");
    breakable = outerBreakable;
    pieces.leaveTo(outer);
    return new Statements.Generation(body, names);
  }

  private Statement printTag() {
    List<Statement> prints = new ArrayList<>();
    List<Integer> lines = new ArrayList<>();
    while (!tokens.is(Token.Kind.BLOCK_END)) {
      if (!prints.isEmpty()) {
        tokens.expectOperator(",");
      }
      lines.add(tokens.current().line());
      prints.add(new Statements.Print(expressions.expression()));
    }
    return new Statements.If(List.of(), List.of(), new Body(prints, lines));
  }

  private Statement jump(String tag) {
    if (breakable == 0) {
      throw tokens.fail("'" + tag + "' outside loop");
    }
    return new Statements.Jump(tag.equals("break") ? Statement.End.BREAK : Statement.End.CONTINUE);
  }
}
