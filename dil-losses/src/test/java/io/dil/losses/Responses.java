package io.dil.losses;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Numbers to evaluate a loss on: N responses, under policy and reference. A loss of pairs reads the
 * first half as chosen and the second as rejected; a loss of labelled responses reads the first
 * half as desirable.
 */
record Responses(double[] policy, double[] reference, double[] tokens, double kl) {

  /**
   * Pairs whose log-probabilities and lengths look like those of a language model early in
   * training.
   */
  static Responses random(long seed, int pairs) {
    Random random = new Random(seed);
    int n = 2 * pairs;
    double[] tokens = IntStream.range(0, n).mapToDouble(i -> 1 + random.nextInt(60)).toArray();
    double[] reference = new double[n];
    double[] policy = new double[n];
    for (int i = 0; i < n; i++) {
      reference[i] = -tokens[i] * (0.5 + 2 * random.nextDouble());
      policy[i] = Math.min(-0.1, reference[i] + random.nextGaussian() * Math.sqrt(tokens[i]) * 0.5);
    }
    return new Responses(policy, reference, tokens, 0.3);
  }

  /** One-token pairs with the given log-ratios. */
  static Responses ofRatios(double[] chosen, double[] rejected) {
    int pairs = chosen.length;
    double[] reference = new double[2 * pairs];
    double[] tokens = new double[2 * pairs];
    double[] policy = new double[2 * pairs];
    Arrays.fill(tokens, 1);
    for (int i = 0; i < pairs; i++) {
      policy[i] = Math.min(-1, chosen[i] - 1);
      policy[pairs + i] = Math.min(-1, rejected[i] - 1);
      reference[i] = policy[i] - chosen[i];
      reference[pairs + i] = policy[pairs + i] - rejected[i];
    }
    return new Responses(policy, reference, tokens, 0.3);
  }

  int pairs() {
    return policy.length / 2;
  }

  Responses withPolicy(double[] other) {
    return new Responses(other, reference, tokens, kl);
  }

  Responses withReference(double[] other) {
    return new Responses(policy, other, tokens, kl);
  }

  /** The pairs at the given places, in that order. */
  Responses pick(int... places) {
    return new Responses(pick(policy, places), pick(reference, places), pick(tokens, places), kl);
  }

  /** Both halves of {@code values} at the given places. */
  static double[] pick(double[] values, int... places) {
    int half = values.length / 2;
    return IntStream.concat(Arrays.stream(places), Arrays.stream(places).map(place -> half + place))
        .mapToDouble(i -> values[i])
        .toArray();
  }
}
