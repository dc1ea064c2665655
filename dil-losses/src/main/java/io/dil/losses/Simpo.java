package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Simple preference optimisation: −log σ(β s_w − β s_l − γ), s averaged over tokens.
 *
 * <p>γ is the target margin itself. The authors' code takes γ/β instead ({@code gamma_beta_ratio} =
 * 0.25 with β = 2 is γ = 0.5 here); TRL's {@code simpo_gamma} is γ.
 *
 * <p>Source: Meng et al. 2024, arXiv 2405.14734, eq. 6.
 *
 * @param reduction sum or mean over tokens
 * @param beta scale of the average log-probability as a reward
 * @param gamma target margin between the two rewards
 */
public record Simpo(Reduction reduction, double beta, double gamma) implements LogProbLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          2,
          Domain.above(0),
          "scale of the average log-probability as a reward",
          "Meng et al. 2024 (code, SimPOConfig)");

  private static final LossParameter GAMMA =
      LossParameter.number(
              "gamma",
              0.5,
              Domain.atLeast(0),
              "target margin between the two rewards",
              "Meng et al. 2024 (code, SimPOConfig: gamma/beta = 0.25 with beta = 2); TRL CPOConfig")
          .alsoKnownAs("simpo_gamma");

  static final LossSpec SPEC =
      LossSpec.pair("simpo")
          .formula("-log sigmoid(beta s_w - beta s_l - gamma)")
          .source("Meng et al. 2024 (SimPO), arXiv 2405.14734, eq. 6")
          .parameters(BETA, GAMMA)
          .reducedBy(
              Reduction.MEAN,
              "Meng et al. 2024, eq. 4",
              (reduction, values) ->
                  new Simpo(reduction, values.number(BETA), values.number(GAMMA)));

  /** Checks the ranges. */
  public Simpo {
    BETA.check(beta);
    GAMMA.check(gamma);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.logSigmoid(chosen.sub(rejected).mul(beta).sub(gamma)).neg();
  }

  @Override
  public double rewardScale() {
    return beta;
  }
}
