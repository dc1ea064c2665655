package io.dil.core;

import java.util.List;

/**
 * A bad call or bad input: a file that is malformed, a setting that is wrong, a model that does not
 * fit.
 *
 * <p>A problem is one line that says what is wrong, where, and what to do; where several are known
 * at once, the message has a line for each. It is meant for the person who runs the program, so it
 * is shown without a stack trace.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  /** Makes an error with a one-line message. */
  public InputException(String message) {
    super(message);
    this.problems = first(message);
  }

  /** Makes an error with a one-line message and what caused it. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
    this.problems = first(message);
  }

  private InputException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = problems;
  }

  /** Makes an error of one or several problems, a line each. */
  public static InputException of(List<String> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("problems must hold at least one, got none");
    }
    return new InputException(List.copyOf(problems));
  }

  /** Returns every problem, a line each. */
  public List<String> problems() {
    return problems;
  }

  private static List<String> first(String message) {
    return List.of(message.lines().findFirst().orElse(""));
  }
}
