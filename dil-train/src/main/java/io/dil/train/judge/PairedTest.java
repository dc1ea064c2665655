package io.dil.train.judge;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two models judged on the same prompts. A prompt that both win, or both lose, tells nothing of
 * which is better; the test is on the others alone.
 *
 * @param prompts how many prompts both were judged on
 * @param better on how many the first did better
 * @param worse on how many it did worse
 * @param difference the mean difference of their scores, the difference of their win rates
 * @param low the lower end of its 95 % bootstrap interval over prompts
 * @param high its upper end
 * @param p McNemar's exact two-sided p: with b better and c worse, 2 P(X ≤ min(b, c)) for X of
 *     Binomial(b + c, ½), at most 1
 */
public record PairedTest(
    int prompts, int better, int worse, double difference, double low, double high, double p) {
  private static final int RESAMPLES = 10_000;

  /**
   * Compares scores.
   *
   * @param scores for every prompt, the two models' scores: 1 for a win, ½ for a tie, 0 for a loss
   * @param seed of the resampling
   */
  public static PairedTest of(List<double[]> scores, long seed) {
    int better = 0;
    int worse = 0;
    double[] differences = new double[scores.size()];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = scores.get(i)[0] - scores.get(i)[1];
      better += differences[i] > 0 ? 1 : 0;
      worse += differences[i] < 0 ? 1 : 0;
    }
    if (differences.length == 0) {
      return new PairedTest(0, 0, 0, Double.NaN, Double.NaN, Double.NaN, 1);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += differences[random.nextInt(differences.length)];
      }
      means[r] = sum / differences.length;
    }
    Arrays.sort(means);
    return new PairedTest(
        differences.length,
        better,
        worse,
        Arrays.stream(differences).sum() / differences.length,
        means[(int) (0.025 * RESAMPLES)],
        means[(int) (0.975 * RESAMPLES) - 1],
        mcnemar(better, worse));
  }

  /** Returns the exact two-sided p. */
  static double mcnemar(int better, int worse) {
    int n = better + worse;
    // Terms of the binomial by logarithms: 2^-n alone is 0 from n = 1075 on.
    double log = -n * Math.log(2);
    double tail = 0;
    for (int k = 0; k <= Math.min(better, worse); k++) {
      tail += Math.exp(log);
      log += Math.log(n - k) - Math.log(k + 1.0);
    }
    return Math.min(1, 2 * tail);
  }
}
