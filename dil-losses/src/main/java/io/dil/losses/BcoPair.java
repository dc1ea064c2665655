package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Binary classifier optimisation on pairs: −log σ(β r_w) − log σ(−β r_l).
 *
 * <p>With β = 1 and {@code reduction=mean} it is {@link DilBce}. The reward shift δ of the paper (a
 * running mean of rewards, hence state) is left at 0, as in TRL from version 1.
 *
 * <p>Source: Jung et al. 2024, arXiv 2404.04656, with δ = 0.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 */
public record BcoPair(Reduction reduction, double beta) implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("bco-pair")
          .alias("bco")
          .formula("-log sigmoid(beta r_w) - log sigmoid(-beta r_l)")
          .source("Jung et al. 2024, arXiv 2404.04656, without the reward shift")
          .parameters(SharedParameters.BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new BcoPair(reduction, values.number(SharedParameters.BETA)));

  /** Checks the ranges. */
  public BcoPair {
    SharedParameters.BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.logSigmoid(chosen.mul(beta))
        .add(LossMath.logSigmoid(rejected.mul(-beta)))
        .neg();
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(2 * Math.log(2));
  }
}
