package io.dil.train.pair;

import java.util.Locale;

/** Which two of a prompt's answers become a pair. */
public enum PairRule {
  /** The answer of the highest reward, and that of the lowest. */
  BEST_WORST,

  /**
   * The answer of the highest reward, and one of the others, drawn evenly. The rejected answers are
   * then nearer to samples of the model that wrote them, which is what DIL's loss takes them for.
   */
  BEST_RANDOM;

  /** Returns the name used on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
