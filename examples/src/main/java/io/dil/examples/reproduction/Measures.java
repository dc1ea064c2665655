package io.dil.examples.reproduction;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the protocol measures of a policy.
 *
 * <p>All are means over the prompts; distances are in nats. π_w and π_l are those of clean labels.
 */
final class Measures {
  /** Names, in the order of results. */
  static final List<String> NAMES =
      List.of(
          "kl_to_chosen",
          "kl_from_chosen",
          "kl_to_optimum",
          "optimum_beta",
          "kl_to_reference",
          "reward",
          "win_over_chosen",
          "win_over_reference",
          "chosen",
          "rejected",
          "margin");

  private static final double LOWEST_BETA = 0.02;
  private static final double HIGHEST_BETA = 50;
  private static final int GRID = 40;
  private static final int REFINEMENTS = 30;

  private Measures() {}

  /**
   * Returns every measure by its name.
   *
   * @param logPolicy log-probabilities of the policy
   * @param falling whether some answer's probability would go to 0: KL(π_w ‖ π) is infinite then
   */
  static Map<String, Double> of(ExactWorld world, double[] logPolicy, boolean falling) {
    double[] logChosen = log(world.chosen());
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("kl_to_chosen", divergence(logPolicy, logChosen));
    all.put(
        "kl_from_chosen", falling ? Double.POSITIVE_INFINITY : divergence(logChosen, logPolicy));
    double beta = nearestBeta(world, logPolicy);
    all.put("kl_to_optimum", divergence(logPolicy, world.logOptimum(beta)));
    all.put("optimum_beta", beta);
    all.put("kl_to_reference", divergence(logPolicy, world.logReference()));
    all.put("reward", expectation(exp(logPolicy), world.reward()));
    all.put("win_over_chosen", winRate(world, logPolicy, world.chosen()));
    all.put("win_over_reference", winRate(world, logPolicy, world.reference()));
    double[] change = difference(logPolicy, world.logReference());
    double chosen = expectation(world.chosen(), change);
    double rejected = expectation(world.rejected(), change);
    all.put("chosen", chosen);
    all.put("rejected", rejected);
    all.put("margin", chosen - rejected);
    return all;
  }

  /** Returns KL(p ‖ q), the mean over prompts. */
  static double divergence(double[] logP, double[] logQ) {
    return expectation(exp(logP), difference(logP, logQ));
  }

  /** Returns how often a person prefers an answer of the policy to one of the other. */
  static double winRate(ExactWorld world, double[] logPolicy, double[] other) {
    double[] policy = exp(logPolicy);
    double sum = 0;
    for (int i = 0; i < ExactWorld.SIZE; i++) {
      int from = i - i % ExactWorld.ANSWERS;
      for (int j = from; j < from + ExactWorld.ANSWERS; j++) {
        sum += policy[i] * other[j] * world.preferred(i, j);
      }
    }
    return sum / ExactWorld.PROMPTS;
  }

  /** Returns the mean over data of log π of the chosen answers. */
  static double likelihood(PairCells data, double[] logPolicy) {
    double sum = 0;
    for (int i = 0; i < data.size(); i++) {
      sum += data.weight()[i] * logPolicy[data.prompt()[i] * ExactWorld.ANSWERS + data.chosen()[i]];
    }
    return sum;
  }

  /** Returns the mean over prompts of Σ_y p(y) value(y). */
  static double expectation(double[] probabilities, double[] values) {
    double sum = 0;
    for (int i = 0; i < ExactWorld.SIZE; i++) {
      // 0 times an infinite logarithm is 0.
      sum += probabilities[i] == 0 ? 0 : probabilities[i] * values[i];
    }
    return sum / ExactWorld.PROMPTS;
  }

  /** Returns the β in the range of the protocol whose optimum is nearest to the policy. */
  private static double nearestBeta(ExactWorld world, double[] logPolicy) {
    double meanReward = expectation(exp(logPolicy), world.reward());
    double low = StrictMath.log(LOWEST_BETA);
    double high = StrictMath.log(HIGHEST_BETA);
    double width = (high - low) / GRID;
    double best = low;
    double smallest = Double.POSITIVE_INFINITY;
    for (int i = 0; i <= GRID; i++) {
      double distance = distance(world, meanReward, low + i * width);
      if (distance < smallest) {
        smallest = distance;
        best = low + i * width;
      }
    }
    double from = Math.max(low, best - width);
    double to = Math.min(high, best + width);
    double golden = (Math.sqrt(5) - 1) / 2;
    for (int i = 0; i < REFINEMENTS; i++) {
      double left = to - golden * (to - from);
      double right = from + golden * (to - from);
      if (distance(world, meanReward, left) <= distance(world, meanReward, right)) {
        to = right;
      } else {
        from = left;
      }
    }
    return StrictMath.exp((from + to) / 2);
  }

  /** Returns KL(π ‖ π_β) up to what does not depend on β: −E_π[r]/β + log Z(β). */
  private static double distance(ExactWorld world, double meanReward, double logBeta) {
    double beta = StrictMath.exp(logBeta);
    double[] logits = world.logReference();
    double[] reward = world.reward();
    for (int i = 0; i < logits.length; i++) {
      logits[i] += reward[i] / beta;
    }
    double norm = 0;
    for (int x = 0; x < ExactWorld.PROMPTS; x++) {
      norm += ExactWorld.logSumExp(logits, x * ExactWorld.ANSWERS) / ExactWorld.PROMPTS;
    }
    return norm - meanReward / beta;
  }

  static double[] log(double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = StrictMath.log(values[i]);
    }
    return result;
  }

  static double[] exp(double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = StrictMath.exp(values[i]);
    }
    return result;
  }

  private static double[] difference(double[] a, double[] b) {
    double[] result = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      result[i] = a[i] - b[i];
    }
    return result;
  }
}
