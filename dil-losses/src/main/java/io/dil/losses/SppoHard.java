package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Self-play preference optimisation with hard labels: (r_w − 1/(2β))² + (r_l + 1/(2β))².
 *
 * <p>The paper's η is 1/β, and its win probabilities are taken as 1 for the chosen and 0 for the
 * rejected response.
 *
 * <p>Source: Wu et al. 2024, arXiv 2405.00675, eq. 4.7 with P = 1 and P = 0.
 *
 * @param reduction sum or mean over tokens
 * @param beta inverse of the learning rate eta of the game
 */
public record SppoHard(Reduction reduction, double beta) implements LogRatioLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.001,
          Domain.above(0),
          "inverse of the learning rate eta of the game",
          "Wu et al. 2024, section 5: eta = 1/beta = 1000");

  static final LossSpec SPEC =
      LossSpec.pair("sppo-hard")
          .alias("sppo")
          .formula("(r_w - 1/(2 beta))^2 + (r_l + 1/(2 beta))^2")
          .source("Wu et al. 2024 (SPPO), arXiv 2405.00675, eq. 4.7")
          .parameters(BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new SppoHard(reduction, values.number(BETA)));

  /** Checks the ranges. */
  public SppoHard {
    BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    double half = 0.5 / beta;
    return chosen.sub(half).square().add(rejected.add(half).square());
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0.5 / (beta * beta));
  }
}
