package io.dil.train.eval.math;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a final answer stands in a text, and the normal form in which two are compared: Minerva's
 * (Lewkowycz et al. 2022, appendix D), replacement by replacement, with what it does to words that
 * it did not mean ({@code ft} is deleted, so {@code \left(} becomes {@code \le(}).
 */
public final class MathAnswer {
  /** What stands where no answer was found. */
  public static final String INVALID = "[invalidanswer]";

  private static final String BOXED = "\\boxed";
  private static final String BOXED_SPACE = "\\boxed ";
  private static final String BOXED_BRACE = "\\boxed{";

  private static final String CLOSING = "I hope it is correct.";

  private static final Pattern STATED =
      pattern("Final Answer: The final answer is(.*?). I hope it is correct.");

  /** What is replaced, in this order: each pair is a text and what takes its place. */
  private static final List<List<String>> SUBSTITUTIONS =
      List.of(
          List.of("an ", ""),
          List.of("a ", ""),
          List.of(".$", "$"),
          List.of("\\$", ""),
          List.of("\\ ", ""),
          List.of(" ", ""),
          List.of("mbox", "text"),
          List.of(",\\text{and}", ","),
          List.of("\\text{and}", ","),
          List.of("\\text{m}", "\\text{}"));

  /** What is deleted, in this order. */
  private static final List<String> REMOVED =
      List.of(
          "square",
          "ways",
          "integers",
          "dollars",
          "mph",
          "inches",
          "ft",
          "hours",
          "km",
          "units",
          "\\ldots",
          "sue",
          "points",
          "feet",
          "minutes",
          "digits",
          "cents",
          "degrees",
          "cm",
          "gm",
          "pounds",
          "meters",
          "meals",
          "edges",
          "students",
          "childrentickets",
          "multiples",
          "\\text{s}",
          "\\text{.}",
          "\\text{\ns}",
          "\\text{}^2",
          "\\text{}^3",
          "\\text{\n}",
          "\\text{}",
          "\\mathrm{th}",
          "^\\circ",
          "^{\\circ}",
          "\\;",
          ",\\!",
          "{,}",
          "\"",
          "\\dots");

  /** A pattern and what it is replaced by. */
  private record Rewriting(Pattern pattern, String by) {}

  private static final List<Rewriting> REWRITINGS =
      List.of(
          new Rewriting(pattern("(.*?)(\\$)(.*?)(\\$)(.*)"), "\\$$3\\$"),
          new Rewriting(pattern("(\\\\text\\{)(.*?)(\\})"), "$2"),
          new Rewriting(pattern("(\\\\textbf\\{)(.*?)(\\})"), "$2"),
          new Rewriting(pattern("(\\\\overline\\{)(.*?)(\\})"), "$2"),
          new Rewriting(pattern("(\\\\boxed\\{)(.*)(\\})"), "$2"),
          new Rewriting(pattern("(frac)([^{])(.)"), "frac{$2}{$3}"),
          new Rewriting(pattern("(sqrt)([^{])"), "sqrt{$2}"));

  private static final Pattern DIGITS = Pattern.compile("\\p{Nd}+");

  private MathAnswer() {}

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.UNIX_LINES);
  }

  /** Returns the answer of a reference solution: what stands in its last box. */
  public static String boxed(String solution) {
    String box = lastBox(solution);
    if (box.startsWith(BOXED_SPACE)) {
      return box.substring(BOXED_SPACE.length());
    }
    return box.startsWith(BOXED_BRACE) && box.endsWith("}")
        ? box.substring(BOXED_BRACE.length(), box.length() - 1)
        : INVALID;
  }

  /** Returns the last box with its command, or {@link #INVALID}. */
  static String lastBox(String text) {
    int spaced = text.lastIndexOf(BOXED_SPACE);
    if (spaced >= 0) {
      String rest = text.substring(spaced + BOXED_SPACE.length());
      int dollar = rest.indexOf('$');
      return BOXED_SPACE + (dollar < 0 ? rest : rest.substring(0, dollar));
    }
    int start = text.lastIndexOf(BOXED);
    if (start < 0) {
      start = text.lastIndexOf("\\fbox");
    }
    if (start < 0) {
      return INVALID;
    }
    int open = 0;
    for (int i = start; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        open++;
      } else if (text.charAt(i) == '}') {
        open--;
        if (open == 0) {
          return text.substring(start, i + 1);
        }
      }
    }
    return INVALID;
  }

  /** Returns the answer that a model's text states in the words of the shots, or INVALID. */
  public static String stated(String text) {
    Matcher matcher = STATED.matcher(text + CLOSING);
    return matcher.find() ? matcher.group(1).strip() : INVALID;
  }

  /** Returns an answer's normal form. */
  public static String normalized(String answer) {
    String text = answer.substring(answer.lastIndexOf('=') + 1);
    for (List<String> pair : SUBSTITUTIONS) {
      text = text.replace(pair.get(0), pair.get(1));
    }
    for (String removed : REMOVED) {
      text = text.replace(removed, "");
    }
    for (Rewriting rewriting : REWRITINGS) {
      text = rewriting.pattern().matcher(text).replaceAll(rewriting.by());
    }
    text = text.replace("$", "");
    String bare = text.replace(",", "");
    return DIGITS.matcher(bare).matches() ? bare : text;
  }
}
