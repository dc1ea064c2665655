package io.dil.train.eval.math;

/** A text is not an expression that this package reads. */
final class UnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnreadableException(String what) {
    super(what);
  }
}
