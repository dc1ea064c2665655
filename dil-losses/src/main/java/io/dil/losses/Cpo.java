package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Contrastive preference optimisation: −log σ(β (s_w − s_l)) − λ s_w.
 *
 * <p>TRL averages the second term over the tokens of the whole batch; the paper, and its use as a
 * baseline of DIL, sum it over the response, which is the default here.
 *
 * <p>Source: Xu et al. 2024, arXiv 2401.08417, eq. 3 and the likelihood term; λ as in Table 5 of
 * Xiao et al. 2025.
 *
 * @param reduction sum or mean over tokens
 * @param beta scale of the log-probability as a reward
 * @param lambda weight of the negative log-likelihood
 */
public record Cpo(Reduction reduction, double beta, double lambda) implements LogProbLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.1,
          Domain.above(0),
          "scale of the log-probability as a reward",
          "TRL CPOConfig");

  private static final LossParameter LAMBDA =
      LossParameter.number(
              "lambda",
              1,
              Domain.atLeast(0),
              "weight of the negative log-likelihood",
              "Xiao et al. 2025, Table 5; TRL CPOConfig (cpo_alpha)")
          .alsoKnownAs("cpo_alpha");

  static final LossSpec SPEC =
      LossSpec.pair("cpo")
          .formula("-log sigmoid(beta (s_w - s_l)) - lambda s_w")
          .source("Xu et al. 2024 (CPO), arXiv 2401.08417, eq. 3 and the likelihood term")
          .parameters(BETA, LAMBDA)
          .reducedBy(
              Reduction.SUM,
              "Xu et al. 2024, eq. 3",
              (reduction, values) ->
                  new Cpo(reduction, values.number(BETA), values.number(LAMBDA)));

  /** Checks the ranges. */
  public Cpo {
    BETA.check(beta);
    LAMBDA.check(lambda);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.logSigmoid(chosen.sub(rejected).mul(beta)).neg().sub(chosen.mul(lambda));
  }

  @Override
  public double rewardScale() {
    return beta;
  }
}
