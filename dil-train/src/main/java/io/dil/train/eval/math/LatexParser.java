package io.dil.train.eval.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads LaTeX as sympy's {@code parse_latex} does: implicit products, letters that are called as
 * functions, and no complaint about what stands after a whole expression. Sums, integrals, limits
 * and relations are not read.
 */
final class LatexParser {
  private static final int DEEPEST = 200;

  private static final Set<String> RELATIONS =
      Set.of(
          "=",
          "<",
          ">",
          "\\neq",
          "\\le",
          "\\leq",
          "\\leqq",
          "\\leqslant",
          "\\ge",
          "\\geq",
          "\\geqq",
          "\\geqslant");

  private static final Set<String> FRACTIONS = Set.of("\\frac", "\\dfrac", "\\tfrac");
  private static final Set<String> BINOMIALS = Set.of("\\binom", "\\dbinom", "\\tbinom");

  private static final Set<String> FUNCTIONS =
      Set.of(
          "\\exp",
          "\\log",
          "\\lg",
          "\\ln",
          "\\sin",
          "\\cos",
          "\\tan",
          "\\csc",
          "\\sec",
          "\\cot",
          "\\arcsin",
          "\\arccos",
          "\\arctan",
          "\\sinh",
          "\\cosh",
          "\\tanh");

  /** Commands that mean something here that is not read, or close what another opened. */
  private static final Set<String> UNREAD =
      Set.of(
          "\\int",
          "\\sum",
          "\\prod",
          "\\lim",
          "\\to",
          "\\rightarrow",
          "\\Rightarrow",
          "\\longrightarrow",
          "\\Longrightarrow",
          "\\langle",
          "\\rangle",
          "\\mathit",
          "\\infty",
          "\\arccsc",
          "\\arcsec",
          "\\arccot",
          "\\arsinh",
          "\\arcosh",
          "\\artanh",
          "\\rfloor",
          "\\rceil",
          "\\times",
          "\\cdot",
          "\\div",
          "\\{",
          "\\}");

  private final LatexTokens tokens;
  private int depth;

  private LatexParser(String text) {
    tokens = new LatexTokens(text);
  }

  /**
   * Reads an expression.
   *
   * @throws UnreadableException if it is none that this class reads
   */
  static Expression parse(String text) {
    LatexParser parser = new LatexParser(text.strip());
    Expression whole = parser.sum();
    if (RELATIONS.contains(parser.tokens.peek())) {
      throw new UnreadableException("relation");
    }
    return whole;
  }

  private Expression sum() {
    if (++depth > DEEPEST) {
      throw new UnreadableException("depth");
    }
    Expression left = product(true);
    while (tokens.peek().equals("+") || tokens.peek().equals("-")) {
      char operator = tokens.next().charAt(0);
      left = new Expression.Binary(operator, left, product(true));
    }
    depth--;
    return left;
  }

  private Expression product(boolean functions) {
    Expression left = signed(functions);
    while (true) {
      switch (tokens.peek()) {
        case "*", "\\times", "\\cdot" -> {
          tokens.next();
          left = new Expression.Binary('*', left, signed(functions));
        }
        case "/", "\\div", ":" -> {
          tokens.next();
          left = new Expression.Binary('/', left, signed(functions));
        }
        default -> {
          return left;
        }
      }
    }
  }

  private Expression signed(boolean functions) {
    String token = tokens.peek();
    if (token.equals("+") || token.equals("-")) {
      if (++depth > DEEPEST) {
        throw new UnreadableException("depth");
      }
      tokens.next();
      Expression rest = signed(functions);
      depth--;
      return token.equals("+")
          ? rest
          : new Expression.Binary('*', new Expression.Constant(Rational.of(-1)), rest);
    }
    List<Expression> factors = new ArrayList<>();
    factors.add(factor(true));
    while (begins(tokens.peek(), functions)) {
      factors.add(factor(functions));
    }
    return implicit(factors);
  }

  private static Expression implicit(List<Expression> factors) {
    List<Expression> kept = new ArrayList<>();
    for (int i = 0; i < factors.size(); i++) {
      boolean times =
          i > 0
              && i < factors.size() - 1
              && factors.get(i).equals(new Expression.Letter("x"))
              && !factors.get(i - 1).hasLetters()
              && !factors.get(i + 1).hasLetters();
      if (!times) {
        kept.add(factors.get(i));
      }
    }
    Expression product = kept.get(kept.size() - 1);
    for (int i = kept.size() - 2; i >= 0; i--) {
      product = new Expression.Binary('*', kept.get(i), product);
    }
    return product;
  }

  private static boolean begins(String token, boolean functions) {
    if (token.equals(LatexTokens.END)
        || RELATIONS.contains(token)
        || (UNREAD.contains(token) && !token.equals("\\{") && !token.equals("\\infty"))) {
      return false;
    }
    if (FUNCTIONS.contains(token) || token.equals("\\sqrt") || token.equals("\\overline")) {
      return functions;
    }
    char c = token.charAt(0);
    return c == '\\' || LatexTokens.isLetter(c) || LatexTokens.isDigit(c) || "({[|".indexOf(c) >= 0;
  }

  private Expression factor(boolean functions) {
    Expression base = power(functions);
    while (tokens.peek().equals("!")) {
      tokens.next();
      base = new Expression.Call("factorial", List.of(base));
    }
    return base;
  }

  private Expression power(boolean functions) {
    Expression base = single(functions);
    while (tokens.peek().equals("^")) {
      tokens.next();
      base = new Expression.Binary('^', base, script());
      if (tokens.peek().equals("_")) {
        tokens.next();
        script();
      }
    }
    return base;
  }

  /** What stands raised or lowered: an atom or a group in braces. */
  private Expression script() {
    return tokens.peek().equals("{") ? group("{", "}") : atom();
  }

  private Expression group(String open, String close) {
    take(open);
    Expression inner = sum();
    take(close);
    return inner;
  }

  private void take(String wanted) {
    if (!tokens.next().equals(wanted)) {
      throw new UnreadableException("missing " + wanted);
    }
  }

  private Expression single(boolean functions) {
    String token = tokens.peek();
    return switch (token) {
      case "(" -> group("(", ")");
      case "[" -> group("[", "]");
      case "{" -> group("{", "}");
      case "\\{" -> group("\\{", "\\}");
      // A bar within bars ends them: what it holds has none itself.
      case "|" -> call("abs", group("|", "|"));
      case "\\lfloor" -> call("floor", group("\\lfloor", "\\rfloor"));
      case "\\lceil" -> call("ceil", group("\\lceil", "\\rceil"));
      case "\\sqrt" -> root();
      case "\\overline" -> {
        tokens.next();
        yield call("conjugate", group("{", "}"));
      }
      default -> FUNCTIONS.contains(token) ? function() : functions ? called() : atom();
    };
  }

  private static Expression call(String name, Expression argument) {
    return new Expression.Call(name, List.of(argument));
  }

  private Expression root() {
    tokens.next();
    Expression degree =
        tokens.peek().equals("[") ? group("[", "]") : new Expression.Constant(Rational.of(2));
    Expression base = group("{", "}");
    Expression one = new Expression.Constant(Rational.of(1));
    return new Expression.Binary('^', base, new Expression.Binary('/', one, degree));
  }

  private Expression function() {
    String name = tokens.next().substring(1);
    Expression base = null;
    Expression raised = null;
    while (tokens.peek().equals("_") || tokens.peek().equals("^")) {
      if (tokens.next().equals("_")) {
        base = script();
      } else {
        raised = script();
      }
    }
    Expression argument = tokens.peek().equals("(") ? group("(", ")") : product(false);
    if (name.equals("lg") && base == null) {
      base = new Expression.Constant(Rational.of(10));
    }
    boolean logarithm = name.equals("lg") || name.equals("log") || name.equals("ln");
    Expression call =
        logarithm && base != null
            ? new Expression.Call("log", List.of(argument, base))
            : new Expression.Call(logarithm ? "ln" : name, List.of(argument));
    return raised == null ? call : new Expression.Binary('^', call, raised);
  }

  /** A letter in front of a parenthesis is a function, as sympy reads it. */
  private Expression called() {
    String token = tokens.peek();
    Expression atom = atom();
    if (!(atom instanceof Expression.Letter letter)
        || token.startsWith("d ")
        || !tokens.peek().equals("(")) {
      return atom;
    }
    tokens.next();
    List<Expression> arguments = new ArrayList<>();
    arguments.add(sum());
    while (tokens.peek().equals(",")) {
      tokens.next();
      arguments.add(sum());
    }
    take(")");
    return new Expression.Call("function " + letter.name(), arguments);
  }

  private Expression atom() {
    String token = tokens.peek();
    if (token.equals(LatexTokens.END) || RELATIONS.contains(token) || UNREAD.contains(token)) {
      throw new UnreadableException("no expression");
    }
    if (FRACTIONS.contains(token)) {
      tokens.next();
      return new Expression.Binary('/', digitOrGroup(), digitOrGroup());
    }
    if (BINOMIALS.contains(token)) {
      tokens.next();
      return new Expression.Call("binom", List.of(group("{", "}"), group("{", "}")));
    }
    char c = token.charAt(0);
    if (LatexTokens.isDigit(c)) {
      return number();
    }
    if (c != '\\' && !LatexTokens.isLetter(c)) {
      throw new UnreadableException("no expression");
    }
    tokens.next();
    return token.startsWith("d ") ? new Expression.Letter(token) : letter(token);
  }

  private Expression letter(String token) {
    StringBuilder name = new StringBuilder(token.startsWith("\\") ? token.substring(1) : token);
    while (tokens.peek().equals("_") || tokens.peek().equals("'")) {
      if (tokens.next().equals("_")) {
        name.append("_{").append(script()).append('}');
      } else {
        name.append('\'');
      }
    }
    return new Expression.Letter(name.toString());
  }

  private Expression digitOrGroup() {
    String token = tokens.peek();
    if (!token.isEmpty() && LatexTokens.isDigit(token.charAt(0))) {
      return new Expression.Constant(Rational.of(tokens.next()));
    }
    return group("{", "}");
  }

  private Expression number() {
    StringBuilder digits = new StringBuilder(digits());
    while (tokens.peek().equals(",")) {
      int before = tokens.position();
      tokens.next();
      StringBuilder three = new StringBuilder();
      while (three.length() < 3 && isDigit(tokens.peek())) {
        three.append(tokens.next());
      }
      if (three.length() < 3) {
        tokens.back(before);
        break;
      }
      digits.append(three);
    }
    boolean whole = true;
    if (tokens.peek().equals(".")) {
      int before = tokens.position();
      tokens.next();
      if (isDigit(tokens.peek())) {
        digits.append('.').append(digits());
        whole = false;
      } else {
        tokens.back(before);
      }
    }
    // Python refuses whole numbers with zeros in front, and sympy reads them as Python does.
    if (whole && digits.length() > 1 && digits.charAt(0) == '0' && !isZeros(digits)) {
      throw new UnreadableException("leading zero");
    }
    return new Expression.Constant(Rational.of(digits.toString()));
  }

  private static boolean isZeros(CharSequence digits) {
    return digits.chars().allMatch(c -> c == '0');
  }

  private static boolean isDigit(String token) {
    return !token.isEmpty() && LatexTokens.isDigit(token.charAt(0));
  }

  private String digits() {
    StringBuilder digits = new StringBuilder();
    while (isDigit(tokens.peek())) {
      digits.append(tokens.next());
    }
    return digits.toString();
  }
}
