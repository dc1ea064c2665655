package io.dil.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often the chosen response of a pair is ranked first, apart by which of the two is longer.
 *
 * <p>A ranking that prefers length looks good where chosen responses are longer, as they mostly
 * are. Lengths are similar where they differ by at most a tenth of the longer one.
 */
public final class LengthAccuracy {
  private static final double SIMILAR = 0.1;
  private static final String[] LENGTHS = {"shorter", "similar", "longer"};

  private final double[] correct = new double[LENGTHS.length];
  private final int[] pairs = new int[LENGTHS.length];
  private double longerWins;
  private int all;

  /**
   * Returns what a comparison counts.
   *
   * @param difference how far the chosen response ranks above the rejected one
   * @return 1 above zero, 0 below; a tie counts one half, as a coin would rank it
   */
  public static double share(double difference) {
    return difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
  }

  /**
   * Adds a pair.
   *
   * @param difference how far the chosen response ranks above the rejected one
   * @param chosen the tokens of the chosen response
   * @param rejected those of the other
   */
  public void add(double difference, int chosen, int rejected) {
    boolean similar = Math.abs(chosen - rejected) <= SIMILAR * Math.max(chosen, rejected);
    int length = similar ? 1 : chosen < rejected ? 0 : 2;
    correct[length] += share(difference);
    pairs[length]++;
    longerWins += share((double) chosen - rejected);
    all++;
  }

  /**
   * Returns the accuracies: {@code accuracies_shorter}, {@code _similar} and {@code _longer} over
   * the pairs whose chosen response is shorter, about as long, or longer; {@code
   * accuracies_of_length} of a rule that prefers the longer response. A kind without pairs has
   * none.
   */
  public Map<String, Double> accuracies() {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      if (pairs[i] > 0) {
        shares.put("accuracies_" + LENGTHS[i], correct[i] / pairs[i]);
      }
    }
    if (all > 0) {
      shares.put("accuracies_of_length", longerWins / all);
    }
    return shares;
  }

  /** Returns how many pairs each kind has: {@code pairs_shorter} and so on. */
  public Map<String, Double> counts() {
    Map<String, Double> counts = new LinkedHashMap<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      if (pairs[i] > 0) {
        counts.put("pairs_" + LENGTHS[i], (double) pairs[i]);
      }
    }
    return counts;
  }
}
