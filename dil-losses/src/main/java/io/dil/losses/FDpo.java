package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DPO under another divergence: −log σ(β [f′(ρ_w) − f′(ρ_l)]), with f′ from {@link Divergence}.
 *
 * <p>Forward KL and α-divergence hold e^{−αr} (α = 1 for forward KL), which overflows when a
 * log-ratio is very negative. For the rejected response the loss is 0 long before, and stays so.
 * For the chosen response it is infinite, unless {@code logRatioBound} is set, beyond which f′ is
 * continued by its tangent. (TRL clamps the α-divergence silently and the forward KL not at all.)
 *
 * <p>α follows the f-DPO paper. TRL's {@code f_alpha_divergence_coef} is 1 − α.
 *
 * <p>Source: Wang et al. 2023, arXiv 2309.16240, Table 1.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param divergence which divergence
 * @param alpha α, used by {@link Divergence#ALPHA} alone
 * @param logRatioBound largest −r that is exponentiated; empty for none
 */
public record FDpo(
    Reduction reduction,
    double beta,
    Divergence divergence,
    double alpha,
    OptionalDouble logRatioBound)
    implements LogRatioLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.1,
          Domain.above(0),
          "strength of the pull towards the reference",
          "TRL DPOConfig");

  private static final LossParameter DIVERGENCE =
      LossParameter.choice(
              "divergence",
              Divergence.REVERSE_KL,
              Divergence.class,
              "which divergence regularises the policy",
              "DPO, which f-DPO generalises")
          .alsoKnownAs("f_divergence_type");

  private static final LossParameter ALPHA =
      LossParameter.number(
          "alpha",
          0.5,
          Domain.between(0, 1),
          "alpha of divergence=alpha; rejected with any other",
          "TRL DPOConfig (f_alpha_divergence_coef = 1 - alpha = 0.5)");

  private static final LossParameter LOG_RATIO_BOUND =
      LossParameter.optional(
          "log_ratio_bound",
          Domain.above(0),
          "-r beyond which exp is continued by its tangent (forward-kl and alpha); rejected with the others",
          "not in the paper: off");

  static final LossSpec SPEC =
      LossSpec.pair("f-dpo")
          .alias("fdpo")
          .formula(
              "-log sigmoid(beta (f'(rho_w) - f'(rho_l))), f' = r | -exp(-r) | log sigmoid(r)"
                  + " | (1 - exp(-alpha r)) / alpha for reverse-kl | forward-kl | js | alpha")
          .source("Wang et al. 2023 (f-DPO), arXiv 2309.16240, Table 1")
          .parameters(BETA, DIVERGENCE, ALPHA, LOG_RATIO_BOUND)
          .reducedBy(
              Reduction.SUM,
              "Wang et al. 2023; TRL agrees",
              (reduction, values) -> {
                Divergence divergence = values.choice(DIVERGENCE, Divergence.class);
                if (divergence != Divergence.ALPHA) {
                  values.rejectUnused(ALPHA, "divergence=alpha");
                  if (divergence != Divergence.FORWARD_KL) {
                    values.rejectUnused(LOG_RATIO_BOUND, "divergence=forward-kl or alpha");
                  }
                }
                return new FDpo(
                    reduction,
                    values.number(BETA),
                    divergence,
                    values.number(ALPHA),
                    values.optional(LOG_RATIO_BOUND));
              });

  /** Checks the ranges. */
  public FDpo {
    BETA.check(beta);
    ALPHA.check(alpha);
    LOG_RATIO_BOUND.check(logRatioBound);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray difference =
        switch (divergence) {
          case REVERSE_KL -> chosen.sub(rejected);
          case FORWARD_KL -> LossMath.powerDifference(chosen, rejected, 1, logRatioBound);
          case JS -> LossMath.logSigmoid(chosen).sub(LossMath.logSigmoid(rejected));
          case ALPHA -> LossMath.powerDifference(chosen, rejected, alpha, logRatioBound);
        };
    return LossMath.logSigmoid(difference.mul(beta)).neg();
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(Math.log(2));
  }
}
