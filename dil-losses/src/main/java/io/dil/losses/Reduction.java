package io.dil.losses;

import java.util.Locale;

/**
 * How the log-probabilities of a response's tokens become one number.
 *
 * <p>Published losses disagree here, and the disagreement changes what is learned: a sum lets long
 * responses dominate, a mean does not. So it is part of every loss's definition and can be changed
 * by {@code reduction=mean|sum}.
 */
public enum Reduction {
  /** The log-probability of the whole response, Σₜ log π(yₜ). */
  SUM,
  /** The average log-probability of its tokens, (1/|y|) Σₜ log π(yₜ). */
  MEAN;

  /** Returns the name used in configuration files: {@code sum} or {@code mean}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
