package io.dil.losses;

import java.util.Locale;

/** Which responses of a pair stand for samples of the reference model in the DIL losses. */
public enum ReferenceSamples {
  /** The rejected response alone, as in eq. 21 of the paper. */
  REJECTED,
  /** Both responses, averaged: the variant that the text below eq. 21 allows. */
  BOTH;

  /** Returns the name used in configuration files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
