package io.dil.losses;

import java.util.Locale;

/** What an average log-likelihood is taken over. */
public enum Averaging {
  /** Responses: each counts once, whatever its length. */
  RESPONSES,
  /** The tokens of all responses of a batch: a long response counts more. */
  TOKENS;

  /** Returns the name used in configuration files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
