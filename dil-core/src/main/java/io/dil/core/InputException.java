package io.dil.core;

/**
 * A bad call or bad input: a file that is malformed, a setting that is wrong, a model that does not
 * fit.
 *
 * <p>The message is one line that says what is wrong, where, and what to do. It is meant for the
 * person who runs the program, so it is shown without a stack trace.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with a one-line message. */
  public InputException(String message) {
    super(message);
  }

  /** Makes an error with a one-line message and what caused it. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
