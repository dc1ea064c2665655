package io.dil.core.collective;

/** Another rank has stopped, so that this one cannot go on. */
public final class RankStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says why. */
  public RankStoppedException(Throwable cause) {
    super("another rank stopped: " + cause.getMessage(), cause);
  }
}
