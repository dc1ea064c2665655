package io.dil.examples.reproduction;

import java.util.Random;

/**
 * A world in which everything that the paper speaks of is a sum of a few numbers.
 *
 * <p>Three prompts, equally likely, with 16 answers each; a reference π_0, the softmax of normal
 * numbers; a true reward per answer, normal too. A person is shown two answers of the reference and
 * prefers the first with probability σ((r − r′)/t). With probability ε the two are exchanged
 * afterwards. Arrays over answers are in the order of prompt, answer.
 */
final class ExactWorld {
  static final int PROMPTS = 3;
  static final int ANSWERS = 16;

  /** How many numbers a policy has. */
  static final int SIZE = PROMPTS * ANSWERS;

  private static final long SEED = 2025;

  /** Where rejected answers come from. */
  enum Sampling {
    /** The answer that the person did not prefer (eq. 21). */
    PREFERENCES,
    /** The reference, independent of the chosen answer (eq. 19). */
    INDEPENDENT
  }

  private final double temperature;
  private final double noise;
  private final double[] reference = new double[SIZE];
  private final double[] logReference = new double[SIZE];
  private final double[] reward = new double[SIZE];
  private final double[] chosen = new double[SIZE];
  private final double[] rejected = new double[SIZE];

  /**
   * Draws the world, which is the same for every temperature and noise.
   *
   * @param temperature t, above 0; a small one separates chosen from rejected answers
   * @param noise ε, the probability that chosen and rejected are exchanged
   */
  ExactWorld(double temperature, double noise) {
    this.temperature = temperature;
    this.noise = noise;
    Random random = new Random(SEED);
    for (int x = 0; x < PROMPTS; x++) {
      double[] logits = new double[ANSWERS];
      for (int y = 0; y < ANSWERS; y++) {
        logits[y] = random.nextGaussian();
      }
      double norm = logSumExp(logits, 0);
      for (int y = 0; y < ANSWERS; y++) {
        logReference[x * ANSWERS + y] = logits[y] - norm;
        reference[x * ANSWERS + y] = StrictMath.exp(logits[y] - norm);
        reward[x * ANSWERS + y] = random.nextGaussian();
      }
    }
    for (int i = 0; i < SIZE; i++) {
      for (int j = i - i % ANSWERS; j < i - i % ANSWERS + ANSWERS; j++) {
        chosen[i] += 2 * reference[i] * reference[j] * preferred(i, j);
        rejected[i] += 2 * reference[i] * reference[j] * preferred(j, i);
      }
    }
  }

  /** Returns log Σ exp of a prompt's values, which begin at the given place. */
  static double logSumExp(double[] values, int from) {
    double largest = values[from];
    for (int y = 1; y < ANSWERS; y++) {
      largest = Math.max(largest, values[from + y]);
    }
    double sum = 0;
    for (int y = 0; y < ANSWERS; y++) {
      sum += StrictMath.exp(values[from + y] - largest);
    }
    return largest + StrictMath.log(sum);
  }

  /** Returns the probability that a person prefers the first of two answers to one prompt. */
  double preferred(int first, int second) {
    return 1 / (1 + StrictMath.exp((reward[second] - reward[first]) / temperature));
  }

  double[] reference() {
    return reference.clone();
  }

  double[] logReference() {
    return logReference.clone();
  }

  double[] reward() {
    return reward.clone();
  }

  /** Returns π_w, the distribution of chosen answers of clean labels, one per prompt. */
  double[] chosen() {
    return chosen.clone();
  }

  /** Returns π_l, that of rejected answers. */
  double[] rejected() {
    return rejected.clone();
  }

  /** Returns Σ min(π_w, π_l), the mean over prompts: 1 if taste tells nothing apart. */
  double overlap() {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += Math.min(chosen[i], rejected[i]);
    }
    return sum / PROMPTS;
  }

  /** Returns log π_β, the optimum of eq. 2: π_0 e^{r/β}, normalised. */
  double[] logOptimum(double beta) {
    double[] log = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      log[i] = logReference[i] + reward[i] / beta;
    }
    return normalised(log);
  }

  /** Returns log-probabilities of the softmax over each prompt's answers. */
  static double[] normalised(double[] logits) {
    double[] log = new double[SIZE];
    for (int x = 0; x < PROMPTS; x++) {
      double norm = logSumExp(logits, x * ANSWERS);
      for (int y = 0; y < ANSWERS; y++) {
        log[x * ANSWERS + y] = logits[x * ANSWERS + y] - norm;
      }
    }
    return log;
  }

  /** Returns the exact distribution of pairs, noise included. */
  PairCells pairs(Sampling sampling) {
    double[] dense = new double[SIZE * ANSWERS];
    for (int i = 0; i < SIZE; i++) {
      for (int y = 0; y < ANSWERS; y++) {
        int j = i - i % ANSWERS + y;
        dense[i * ANSWERS + y] =
            sampling == Sampling.PREFERENCES
                ? 2
                    * reference[i]
                    * reference[j]
                    * ((1 - noise) * preferred(i, j) + noise * preferred(j, i))
                : ((1 - noise) * chosen[i] + noise * rejected[i]) * reference[j];
      }
    }
    return PairCells.of(dense, ANSWERS);
  }

  /**
   * Draws pairs.
   *
   * <p>A pair takes the same random numbers whatever temperature and noise are, and the first n
   * pairs of a seed are the same for any larger n.
   */
  PairCells sample(int n, long seed, Sampling sampling) {
    Random random = new Random(seed);
    double[] counts = new double[SIZE * ANSWERS];
    for (int k = 0; k < n; k++) {
      int from = random.nextInt(PROMPTS) * ANSWERS;
      int first = draw(from, random.nextDouble());
      int second = draw(from, random.nextDouble());
      boolean kept = random.nextDouble() < preferred(first, second);
      boolean exchanged = random.nextDouble() < noise;
      int independent = draw(from, random.nextDouble());
      int w = kept == exchanged ? second : first;
      int l = sampling == Sampling.INDEPENDENT ? independent : first + second - w;
      counts[w * ANSWERS + l - from]++;
    }
    return PairCells.of(counts, ANSWERS);
  }

  private int draw(int from, double uniform) {
    double rest = uniform;
    for (int i = from; i < from + ANSWERS - 1; i++) {
      rest -= reference[i];
      if (rest < 0) {
        return i;
      }
    }
    return from + ANSWERS - 1;
  }
}
