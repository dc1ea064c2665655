package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Identity preference optimisation: (r_w − r_l − 1/(2τ))².
 *
 * <p>The paper writes the log-ratio of whole responses. Its authors confirmed to the maintainers of
 * TRL that their results used the average over tokens, which is the default here; {@code
 * reduction=sum} gives the formula to the letter, as in the DPO authors' code.
 *
 * <p>Source: Azar et al. 2023, arXiv 2310.12036, eq. 17.
 *
 * @param reduction sum or mean over tokens
 * @param tau strength of the regularisation; the margin aimed at is 1/(2 tau)
 */
public record Ipo(Reduction reduction, double tau) implements LogRatioLoss {
  private static final LossParameter TAU =
      LossParameter.number(
              "tau",
              0.1,
              Domain.above(0),
              "strength of the regularisation; the margin aimed at is 1/(2 tau)",
              "TRL DPOConfig (there: beta); in the search space of Xiao et al. 2025")
          .alsoKnownAs("beta");

  static final LossSpec SPEC =
      LossSpec.pair("ipo")
          .formula("(r_w - r_l - 1/(2 tau))^2")
          .source("Azar et al. 2023, arXiv 2310.12036, eq. 17")
          .parameters(TAU)
          .reducedBy(
              Reduction.MEAN,
              "the IPO authors, as recorded in TRL (dpo_trainer.py)",
              (reduction, values) -> new Ipo(reduction, values.number(TAU)));

  /** Checks the ranges. */
  public Ipo {
    TAU.check(tau);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return chosen.sub(rejected).sub(0.5 / tau).square();
  }

  @Override
  public double rewardScale() {
    return tau;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0.25 / (tau * tau));
  }
}
