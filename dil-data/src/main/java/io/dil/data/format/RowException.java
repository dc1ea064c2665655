package io.dil.data.format;

/**
 * A row that does not have the columns its format needs. Whoever knows the file and line puts them
 * in front of the message.
 */
public final class RowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an error whose message says which column is wrong and what was found there. */
  public RowException(String message) {
    super(message);
  }
}
