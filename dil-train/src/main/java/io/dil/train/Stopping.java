package io.dil.train;

import io.dil.train.rank.Cluster;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request to stop. Long work looks at it between parts that take a second at most: after a step,
 * and within counting, scoring, evaluation and generation.
 *
 * <p>Of several processes none may leave what all do together, so that they stop where they {@link
 * #checkTogether agree} to, between steps, whichever was asked.
 */
final class Stopping {
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Cluster cluster;
  private boolean agreed;

  Stopping(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Asks; may be called on any thread. */
  void ask() {
    asked.set(true);
  }

  /** Returns whether a stop was asked for. */
  boolean isAsked() {
    return cluster.isShared() ? agreed : asked.get();
  }

  /** Leaves the work that is going on if a stop was asked for. */
  void check() {
    if (isAsked()) {
      throw new Stopped();
    }
  }

  /** As {@link #check}; all processes call it, and all leave if one was asked. */
  void checkTogether() {
    agreed = cluster.isShared() && cluster.any(asked.get());
    check();
  }

  /** Leads out of the work that was going on; nothing has failed. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("stopped", null, false, false);
    }
  }
}
