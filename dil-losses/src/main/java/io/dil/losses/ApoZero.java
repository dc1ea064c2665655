package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Anchored preference optimisation, zero: 1 − σ(β r_w) + σ(β r_l).
 *
 * <p>For data whose chosen responses are better than what the model writes: it raises the chosen
 * and lowers the rejected, each against the reference.
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv 2408.06266, eq. 7.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 */
public record ApoZero(Reduction reduction, double beta) implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("apo-zero")
          .formula("1 - sigmoid(beta r_w) + sigmoid(beta r_l)")
          .source("D'Oosterlinck et al. 2024 (APO), arXiv 2408.06266, eq. 7")
          .parameters(SharedParameters.BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new ApoZero(reduction, values.number(SharedParameters.BETA)));

  /** Checks the ranges. */
  public ApoZero {
    SharedParameters.BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.sigmoid(chosen.mul(-beta)).add(LossMath.sigmoid(rejected.mul(beta)));
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(1);
  }
}
