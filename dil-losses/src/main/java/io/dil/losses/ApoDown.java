package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Anchored preference optimisation, down: σ(β r_w) + 1 − σ(β (r_w − r_l)).
 *
 * <p>For data whose chosen responses are worse than what the model writes: it lowers both, the
 * rejected more.
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv 2408.06266, eq. 8.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 */
public record ApoDown(Reduction reduction, double beta) implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("apo-down")
          .formula("sigmoid(beta r_w) + 1 - sigmoid(beta (r_w - r_l))")
          .source("D'Oosterlinck et al. 2024 (APO), arXiv 2408.06266, eq. 8")
          .parameters(SharedParameters.BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new ApoDown(reduction, values.number(SharedParameters.BETA)));

  /** Checks the ranges. */
  public ApoDown {
    SharedParameters.BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.sigmoid(chosen.mul(beta))
        .add(LossMath.sigmoid(chosen.sub(rejected).mul(-beta)));
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
