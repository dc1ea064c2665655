package io.dil.losses;

import java.util.Locale;

/** What one example of a loss is. */
public enum LossShape {
  /** A chosen and a rejected response: {@link PairwiseLoss}. */
  PAIR,
  /** One response with a good/bad label: {@link PointwiseLoss}. */
  LABELLED,
  /** One response to imitate: {@link DemonstrationLoss}. */
  DEMONSTRATION;

  /** Returns the name in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
