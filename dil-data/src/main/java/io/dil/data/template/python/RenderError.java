package io.dil.data.template.python;

/**
 * A template cannot be read or rendered: it is at fault, asks too much, or needs what is not
 * offered.
 */
public final class RenderError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  private RenderError(String message, int line) {
    super(message, null, false, false);
    this.line = line;
  }

  /** Values of kinds that do not go together, Python's {@code TypeError}. */
  public static RenderError type(String message) {
    return new RenderError(message, 0);
  }

  /** A value that is out of place, Python's {@code ValueError} and its kin. */
  public static RenderError value(String message) {
    return new RenderError(message, 0);
  }

  /** Something undefined was used, Jinja's {@code UndefinedError}. */
  public static RenderError undefined(String message) {
    return new RenderError(message, 0);
  }

  /** The source is not Jinja. */
  public static RenderError syntax(String message, int line) {
    return new RenderError(message, line);
  }

  /** A bound of {@link Budget} is passed. */
  public static RenderError limit(String message) {
    return new RenderError(message, 0);
  }

  /**
   * Jinja has it, but not here: refused by its name and not guessed.
   *
   * @param what the construct, for instance {@code filter 'random'}
   */
  public static RenderError notOffered(String what) {
    return new RenderError(what + " is not offered", 0);
  }

  /** Returns the same error with the line of the template, unless it has one already. */
  public RenderError at(int where) {
    return line > 0 ? this : new RenderError(getMessage(), where);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** Returns the message with the line that it is about, on one line. */
  public String describe() {
    String text = getMessage().replaceAll("\\s*\\R\\s*", " ");
    String shown = text.length() > 300 ? text.substring(0, 300) + "…" : text;
    return line > 0 ? "line " + line + ": " + shown : shown;
  }
}
