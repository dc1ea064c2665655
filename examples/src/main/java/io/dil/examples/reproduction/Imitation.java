package io.dil.examples.reproduction;

import io.dil.losses.Losses;
import java.util.List;

/** The problems of §4.1 and §4.2 of the paper, each solved by itself. */
final class Imitation {
  private static final int TRIALS = 3000;
  private static final double TOLERANCE = 1e-12;

  private Imitation() {}

  /**
   * Solves eq. 2, max E_π[r] − β KL(π ‖ π_0), and eq. 17 where r is a log density ratio.
   *
   * @return log-probabilities of the policy
   */
  static double[] maximiseReward(ExactWorld world, double[] reward, double beta) {
    double[] reference = world.logReference();
    return minimise(
        reference,
        log -> {
          double[] cost = new double[ExactWorld.SIZE];
          for (int i = 0; i < cost.length; i++) {
            cost[i] = beta * (log[i] - reference[i]) - reward[i];
          }
          return cost;
        });
  }

  /**
   * Solves eq. 13 and eq. 16, min KL(π ‖ target).
   *
   * @param start where the search begins, log-probabilities
   */
  static double[] imitate(double[] start, double[] logTarget) {
    return minimise(
        start,
        log -> {
          double[] cost = new double[ExactWorld.SIZE];
          for (int i = 0; i < cost.length; i++) {
            cost[i] = log[i] - logTarget[i];
          }
          return cost;
        });
  }

  /**
   * Solves eq. 3, which is eq. 12: the Bradley-Terry fit, with the library's loss.
   *
   * @return rewards, of which a constant per prompt is free
   */
  static double[] fitReward(ExactWorld world, PairCells pairs) {
    TabularLoss loss = new TabularLoss(Losses.create("reward-bt"), world, 1);
    return new TabularFit(loss, world, false).fit(List.of(pairs)).get(0).last();
  }

  /** Returns log π_φ of eq. 9, the energy-based policy with temperature β. */
  static double[] energyBased(ExactWorld world, double[] reward, double beta) {
    double[] log = world.logReference();
    for (int i = 0; i < log.length; i++) {
      log[i] += reward[i] / beta;
    }
    return ExactWorld.normalised(log);
  }

  /** What an answer costs, which may hold log π itself: the objective is E_π[cost]. */
  @FunctionalInterface
  private interface Cost {
    double[] of(double[] logPolicy);
  }

  /** Minimises E_π[cost], whose gradient is π (cost − E_π[cost]) since Σ π ∂ log π = 0. */
  private static double[] minimise(double[] start, Cost objective) {
    Bfgs search = new Bfgs(start, TOLERANCE);
    for (int trial = 0; trial < TRIALS && !search.ended(); trial++) {
      double[] log = ExactWorld.normalised(search.trial());
      double[] cost = objective.of(log);
      double[] gradient = new double[ExactWorld.SIZE];
      double total = 0;
      for (int x = 0; x < ExactWorld.PROMPTS; x++) {
        double mean = 0;
        for (int y = 0; y < ExactWorld.ANSWERS; y++) {
          int i = x * ExactWorld.ANSWERS + y;
          mean += StrictMath.exp(log[i]) * cost[i];
        }
        for (int y = 0; y < ExactWorld.ANSWERS; y++) {
          int i = x * ExactWorld.ANSWERS + y;
          gradient[i] = StrictMath.exp(log[i]) * (cost[i] - mean) / ExactWorld.PROMPTS;
        }
        total += mean / ExactWorld.PROMPTS;
      }
      search.tell(total, gradient);
    }
    return ExactWorld.normalised(search.at());
  }
}
