package io.dil.train.judge;

/**
 * A share and Wilson's 95 % interval of it: the shares p from which the one seen is at most 1.96
 * standard errors away, (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n) (Wilson 1927).
 *
 * @param count of how many
 * @param share p̂; NaN of none
 * @param low the interval's lower end
 * @param high its upper end
 */
public record Wilson(long count, double share, double low, double high) {
  /** The 97.5 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * Returns the interval.
   *
   * @param wins the sum of the outcomes, a tie counting half
   * @param count how many outcomes
   */
  public static Wilson of(double wins, long count) {
    if (count == 0) {
      return new Wilson(0, Double.NaN, 0, 1);
    }
    double share = wins / count;
    double square = Z * Z / count;
    double middle = share + square / 2;
    double half = Z * Math.sqrt(share * (1 - share) / count + square / (4.0 * count));
    return new Wilson(
        count,
        share,
        Math.max(0, (middle - half) / (1 + square)),
        Math.min(1, (middle + half) / (1 + square)));
  }
}
