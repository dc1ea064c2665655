package io.dil.train;

import java.util.Map;

/**
 * What an evaluation says of a reward model beside accuracy and margin: whether its differences of
 * rewards are probabilities, and whether it prefers length.
 *
 * <ul>
 *   <li>{@code rewards/probability}: the mean of p = σ(r_w − r_l), the probability that the model
 *       gives to people's choices.
 *   <li>{@code rewards/calibration_error}: the expected calibration error. Every pair counts in
 *       both orders, with p and a true label and with 1 − p and a false one; over 10 bins of equal
 *       width the mean distance of probability and share of true labels, weighted by how many lie
 *       in a bin. (In one order alone all labels are true, and the error is 1 − p, whatever the
 *       model.)
 *   <li>{@code rewards/accuracies_shorter}, {@code _similar} and {@code _longer}: the accuracy over
 *       pairs whose chosen response is shorter than the other, about as long, or longer. Lengths
 *       are similar where they differ by at most a tenth of the longer one. {@code pairs_shorter}
 *       and so on are how many pairs these are.
 *   <li>{@code rewards/accuracies_of_length}: that of a rule that prefers the longer response. A
 *       model that is no better has learnt no more.
 * </ul>
 *
 * <p>Source: calibration: Guo et al. 2017, arXiv 1706.04599, eq. 3.
 */
final class RewardMetrics {
  private static final int BINS = 10;
  private static final double SIMILAR = 0.1;
  private static final String[] LENGTHS = {"shorter", "similar", "longer"};

  private final double[] surplus = new double[BINS];
  private final double[] correct = new double[LENGTHS.length];
  private final int[] pairs = new int[LENGTHS.length];
  private double probability;
  private double longerWins;
  private int all;

  /**
   * Adds a pair.
   *
   * @param difference r_w − r_l
   * @param chosen the tokens of the chosen response
   * @param rejected those of the other
   */
  void add(double difference, int chosen, int rejected) {
    double p = 1 / (1 + Math.exp(-difference));
    surplus[bin(p)] += 1 - p;
    surplus[bin(1 - p)] -= 1 - p;
    probability += p;
    int length = similar(chosen, rejected) ? 1 : chosen < rejected ? 0 : 2;
    correct[length] += share(difference);
    pairs[length]++;
    longerWins += share((double) chosen - rejected);
    all++;
  }

  private static int bin(double p) {
    return Math.min(BINS - 1, (int) (p * BINS));
  }

  private static boolean similar(int one, int other) {
    return Math.abs(one - other) <= SIMILAR * Math.max(one, other);
  }

  /** Returns what a comparison counts: a tie one half, as in {@link StepMetrics}. */
  static double share(double difference) {
    return difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
  }

  /**
   * Puts the metrics of all pairs, each name behind {@code prefix}; none where there was no pair.
   */
  void put(Map<String, Double> means, String prefix) {
    if (all == 0) {
      return;
    }
    double error = 0;
    for (double bin : surplus) {
      error += Math.abs(bin);
    }
    means.put(prefix + "rewards/probability", probability / all);
    means.put(prefix + "rewards/calibration_error", error / (2 * all));
    for (int i = 0; i < LENGTHS.length; i++) {
      if (pairs[i] > 0) {
        means.put(prefix + "rewards/accuracies_" + LENGTHS[i], correct[i] / pairs[i]);
        means.put(prefix + "pairs_" + LENGTHS[i], (double) pairs[i]);
      }
    }
    means.put(prefix + "rewards/accuracies_of_length", longerWins / all);
  }
}
