package io.dil.train;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request to stop. Long work looks at it between parts that take a second at most: after a step,
 * and within counting, scoring, evaluation and generation.
 */
final class Stopping {
  private final AtomicBoolean asked = new AtomicBoolean();

  /** Asks; may be called on any thread. */
  void ask() {
    asked.set(true);
  }

  /** Returns whether a stop was asked for. */
  boolean isAsked() {
    return asked.get();
  }

  /** Leaves the work that is going on if a stop was asked for. */
  void check() {
    if (asked.get()) {
      throw new Stopped();
    }
  }

  /** Leads out of the work that was going on; nothing has failed. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("stopped", null, false, false);
    }
  }
}
