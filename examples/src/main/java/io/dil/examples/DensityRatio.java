package io.dil.examples;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.dil.losses.Losses;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairwiseLoss;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * What the DIL losses estimate, seen on a world small enough to know everything.
 *
 * <p>Five responses, a reference model and a true reward. A person is shown two responses of the
 * reference and prefers one with the Bradley-Terry probability; that defines the distributions of
 * chosen and rejected responses exactly. A policy with one free number a response is then fitted by
 * each loss, with exact expectations, and compared with what §4.3 of the paper says it should be:
 * the density ratio π_chosen/π_ref, with a normaliser of 1 (eq. 22).
 */
public final class DensityRatio {
  /** Probabilities of the five responses under the reference model. */
  private static final double[] REFERENCE = {0.35, 0.25, 0.2, 0.12, 0.08};

  /** Their true rewards, which only the preferences know. */
  private static final double[] REWARD = {-0.6, 0.3, 0.9, -0.2, 1.2};

  private static final String[] PAPER_AND_MORE = {
    "dil-lsif", "dil-ukl", "dil-bce", "dil-power", "dil-rulsif"
  };

  private static final int SIZE = REFERENCE.length;
  private static final int STEPS = 4000;
  private static final double LEARNING_RATE = 0.5;

  private DensityRatio() {}

  /** Prints the fitted ratios and their normalisers. */
  public static void main(String[] arguments) {
    report(System.out);
  }

  static void report(PrintStream out) {
    double[] truth = ratio(chosen(), REFERENCE);
    row(out, "chosen / reference (what eq. 17 asks for)", truth);
    row(out, "chosen / rejected", ratio(chosen(), rejected()));
    out.println();
    out.println(
        "rejected responses drawn from the reference itself, independent of the chosen (eq. 19):");
    for (String name :
        new String[] {"dil-lsif", "dil-ukl", "dil-bce", "dil-power", "dil-rulsif", "dil-kliep"}) {
      row(out, name, fit(loss(name, Map.of()), independentPairs()));
    }
    row(
        out,
        "dpo, beta = 1 (InfoNCE, section 4.5)",
        fit(loss("dpo", Map.of("beta", 1)), independentPairs()));
    out.println();
    out.println(
        "real preference pairs, the rejected response standing for the reference (eq. 21):");
    for (String name : PAPER_AND_MORE) {
      row(out, name, fit(loss(name, Map.of()), preferencePairs()));
    }
    row(out, "dpo, beta = 1", fit(loss("dpo", Map.of("beta", 1)), preferencePairs()));
    out.println();
    out.println(
        "real preference pairs, both responses standing for the reference (text below eq. 21):");
    for (String name : PAPER_AND_MORE) {
      row(out, name, fit(loss(name, Map.of("reference_samples", "both")), preferencePairs()));
    }
  }

  private static void row(PrintStream out, String name, double[] ratio) {
    StringBuilder numbers = new StringBuilder();
    for (double value : ratio) {
      numbers.append(String.format(Locale.ROOT, "%8.4f", value));
    }
    out.printf(Locale.ROOT, "%-42s%s   Z = %.4f%n", name, numbers, normaliser(ratio));
  }

  static PairwiseLoss loss(String name, Map<String, ?> parameters) {
    return (PairwiseLoss) Losses.create(name, parameters);
  }

  /**
   * Returns P(chosen = w, rejected = l) for two responses of the reference and a Bradley-Terry
   * choice.
   */
  static double[][] preferencePairs() {
    double[][] pairs = new double[SIZE][SIZE];
    for (int w = 0; w < SIZE; w++) {
      for (int l = 0; l < SIZE; l++) {
        double preferred = 1 / (1 + Math.exp(REWARD[l] - REWARD[w]));
        pairs[w][l] = 2 * REFERENCE[w] * REFERENCE[l] * preferred;
      }
    }
    return pairs;
  }

  /** Returns P(chosen = w) P_ref(l): what the expectations of eq. 19 are taken over. */
  static double[][] independentPairs() {
    double[] chosen = chosen();
    double[][] pairs = new double[SIZE][SIZE];
    for (int w = 0; w < SIZE; w++) {
      for (int l = 0; l < SIZE; l++) {
        pairs[w][l] = chosen[w] * REFERENCE[l];
      }
    }
    return pairs;
  }

  /** Returns the distribution of chosen responses. */
  static double[] chosen() {
    return Arrays.stream(preferencePairs()).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
  }

  /** Returns the distribution of rejected responses. */
  static double[] rejected() {
    double[] sums = new double[SIZE];
    for (double[] row : preferencePairs()) {
      Arrays.setAll(sums, l -> sums[l] + row[l]);
    }
    return sums;
  }

  static double[] reference() {
    return REFERENCE.clone();
  }

  static double[] reward() {
    return REWARD.clone();
  }

  static double[] ratio(double[] numerator, double[] denominator) {
    double[] ratio = new double[SIZE];
    Arrays.setAll(ratio, i -> numerator[i] / denominator[i]);
    return ratio;
  }

  /**
   * Returns Z = Σ π_ref(y) ρ(y), which is 1 for a ratio that makes the policy π_ref ρ a
   * distribution.
   */
  static double normaliser(double[] ratio) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += REFERENCE[i] * ratio[i];
    }
    return sum;
  }

  /**
   * Returns the density ratio policy/reference that minimises the expected loss, by gradient
   * descent on one free log-ratio a response. Nothing forces the policy to be normalised: if it is,
   * the loss made it so.
   *
   * @param loss any pairwise loss
   * @param pairs probability of each (chosen, rejected) pair
   */
  static double[] fit(PairwiseLoss loss, double[][] pairs) {
    double[] logRatio = new double[SIZE];
    for (int step = 0; step < STEPS; step++) {
      double[] gradient = gradient(loss, pairs, logRatio);
      Arrays.setAll(logRatio, i -> logRatio[i] - LEARNING_RATE * gradient[i]);
    }
    return Arrays.stream(logRatio).map(Math::exp).toArray();
  }

  private static double[] gradient(PairwiseLoss loss, double[][] pairs, double[] logRatio) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray free = manager.create(logRatio);
      free.setRequiresGradient(true);
      NDArray reference = manager.create(REFERENCE).log();
      // All pairs at once: row (w, l) of the batch is place w * SIZE + l.
      NDArray all = free.add(reference);
      NDArray ones = manager.ones(all.getShape(), all.getDataType());
      NDArray count = grid(ones, ones);
      PairLogProbs policy = new PairLogProbs(grid(all, ones), grid(ones, all), count, count);
      PairLogProbs frozen =
          new PairLogProbs(grid(reference, ones), grid(ones, reference), count, count);
      NDArray weights =
          manager.create(Arrays.stream(pairs).flatMapToDouble(Arrays::stream).toArray());
      collector.backward(loss.compute(policy, frozen).perExample().mul(weights).sum());
      return free.getGradient().toDoubleArray();
    }
  }

  /** Returns the outer product of two vectors, as a vector. */
  private static NDArray grid(NDArray rows, NDArray columns) {
    return rows.expandDims(1).mul(columns.expandDims(0)).flatten();
  }
}
