package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Noise-contrastive alignment on pairs: −log σ(β r_w) − ½ log σ(−β r_w) − ½ log σ(−β r_l).
 *
 * <p>Source: Chen et al. 2024, arXiv 2402.05369, the pairwise form.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 */
public record NcaPair(Reduction reduction, double beta) implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("nca-pair")
          .alias("nca")
          .formula(
              "-log sigmoid(beta r_w) - 1/2 log sigmoid(-beta r_w) - 1/2 log sigmoid(-beta r_l)")
          .source("Chen et al. 2024 (NCA), arXiv 2402.05369, pairwise form")
          .parameters(SharedParameters.BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new NcaPair(reduction, values.number(SharedParameters.BETA)));

  /** Checks the ranges. */
  public NcaPair {
    SharedParameters.BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray chosenReward = chosen.mul(beta);
    NDArray noise =
        LossMath.logSigmoid(chosenReward.neg()).add(LossMath.logSigmoid(rejected.mul(-beta)));
    return LossMath.logSigmoid(chosenReward).neg().sub(noise.mul(0.5));
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
