package io.dil.train;

/**
 * A run that had to stop: a number that is not finite, a failed self-check, a disk that is full.
 */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with a one-line message. */
  public TrainingException(String message) {
    super(message);
  }

  /** Makes an error with a one-line message and what caused it. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
