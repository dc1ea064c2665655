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
 *       pairs whose chosen response is shorter than the other, about as long, or longer ({@link
 *       LengthAccuracy}). {@code pairs_shorter} and so on are how many pairs these are.
 *   <li>{@code rewards/accuracies_of_length}: that of a rule that prefers the longer response. A
 *       model that is no better has learnt no more.
 * </ul>
 *
 * <p>Source: calibration: Guo et al. 2017, arXiv 1706.04599, eq. 3.
 */
final class RewardMetrics {
  private static final int BINS = 10;

  private final double[] surplus = new double[BINS];
  private final LengthAccuracy lengths = new LengthAccuracy();
  private double probability;
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
    lengths.add(difference, chosen, rejected);
    all++;
  }

  private static int bin(double p) {
    return Math.min(BINS - 1, (int) (p * BINS));
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
    lengths.accuracies().forEach((name, share) -> means.put(prefix + "rewards/" + name, share));
    lengths.counts().forEach((name, count) -> means.put(prefix + name, count));
  }
}
