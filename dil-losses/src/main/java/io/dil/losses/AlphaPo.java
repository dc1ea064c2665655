package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * AlphaPO: −log σ(β (R_w − R_l) − γ) with the reward R = (1 − e^{−α s})/α, s averaged over tokens.
 *
 * <p>α bends the reward. As α → 0, R tends to s and the loss to {@link Simpo}. With a positive α a
 * small likelihood counts more, with a negative one less. e^{−αs} may overflow for a positive α
 * where s is summed or very low; then the loss of the chosen response is infinite.
 *
 * <p>Source: Gupta et al. 2025, arXiv 2501.03884, eq. 3. TRL has it as {@code loss_type: alphapo}
 * of its CPOTrainer.
 *
 * @param reduction sum or mean over tokens
 * @param beta scale of the reward
 * @param alpha bend of the reward; 0 is SimPO
 * @param gamma target margin between the two scaled rewards
 */
public record AlphaPo(Reduction reduction, double beta, double alpha, double gamma)
    implements LogProbLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta", 2, Domain.above(0), "scale of the reward", "as SimPO, which it generalises");

  private static final LossParameter ALPHA =
      LossParameter.number(
          "alpha",
          0.25,
          Domain.between(-10, 10),
          "bend of the reward (1 - exp(-alpha s))/alpha; SimPO as it tends to 0",
          "Gupta et al. 2025: the best settings lie around 0.1 to 0.25");

  private static final LossParameter GAMMA =
      LossParameter.number(
              "gamma",
              0.5,
              Domain.atLeast(0),
              "target margin between the two scaled rewards",
              "as SimPO, which it generalises; TRL CPOConfig")
          .alsoKnownAs("simpo_gamma");

  static final LossSpec SPEC =
      LossSpec.pair("alphapo")
          .formula("-log sigmoid(beta (R_w - R_l) - gamma), R = (1 - exp(-alpha s))/alpha")
          .source("Gupta et al. 2025 (AlphaPO), arXiv 2501.03884, eq. 3")
          .parameters(BETA, ALPHA, GAMMA)
          .reducedBy(
              Reduction.MEAN,
              "Gupta et al. 2025: rewards are of length-normalised likelihoods",
              (reduction, values) ->
                  new AlphaPo(
                      reduction, values.number(BETA), values.number(ALPHA), values.number(GAMMA)));

  /** Checks the ranges. */
  public AlphaPo {
    BETA.check(beta);
    ALPHA.check(alpha);
    GAMMA.check(gamma);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray margin =
        alpha == 0
            ? chosen.sub(rejected)
            : LossMath.powerDifference(chosen, rejected, alpha, OptionalDouble.empty());
    return LossMath.logSigmoid(margin.mul(beta).sub(gamma)).neg();
  }

  @Override
  public double rewardScale() {
    return beta;
  }
}
