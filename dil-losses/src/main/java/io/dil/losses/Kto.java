package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Kahneman-Tversky optimisation: λ_D (1 − σ(β r − z)) for a desirable response, λ_U (1 − σ(z − β
 * r)) for an undesirable one, z = β max(0, KL).
 *
 * <p>KL is the estimate of KL(π ‖ π_ref) that {@link PointwiseLoss#kl} makes from mismatched
 * responses; it carries no gradient. A pair is two rows here, one of each kind; {@link KtoPair} is
 * the older paired form.
 *
 * <p>Source: Ethayarajh et al. 2024, arXiv 2402.01306, eq. 8.
 *
 * @param reduction sum or mean over tokens
 * @param beta risk aversion, and strength of the pull towards the reference
 * @param desirableWeight λ_D
 * @param undesirableWeight λ_U
 */
public record Kto(
    Reduction reduction, double beta, double desirableWeight, double undesirableWeight)
    implements PointwiseLoss {
  static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.1,
          Domain.above(0),
          "risk aversion, and strength of the pull towards the reference",
          "TRL KTOConfig; in the search space of Xiao et al. 2025");

  static final LossParameter DESIRABLE_WEIGHT =
      LossParameter.number(
          "desirable_weight",
          1,
          Domain.above(0),
          "weight of desirable responses",
          "Xiao et al. 2025, Table 5; TRL KTOConfig");

  static final LossParameter UNDESIRABLE_WEIGHT =
      LossParameter.number(
          "undesirable_weight",
          1,
          Domain.above(0),
          "weight of undesirable responses",
          "Xiao et al. 2025, Table 5; TRL KTOConfig");

  static final LossSpec SPEC =
      LossSpec.labelled("kto")
          .formula(
              "desirable_weight (1 - sigmoid(beta (r - max(0, kl)))) if desirable,"
                  + " undesirable_weight (1 - sigmoid(beta (max(0, kl) - r))) if not")
          .source("Ethayarajh et al. 2024 (KTO), arXiv 2402.01306, eq. 8")
          .parameters(BETA, DESIRABLE_WEIGHT, UNDESIRABLE_WEIGHT)
          .reducedBy(
              Reduction.SUM,
              "Ethayarajh et al. 2024; TRL agrees",
              (reduction, values) ->
                  new Kto(
                      reduction,
                      values.number(BETA),
                      values.number(DESIRABLE_WEIGHT),
                      values.number(UNDESIRABLE_WEIGHT)));

  /** Checks the ranges. */
  public Kto {
    BETA.check(beta);
    DESIRABLE_WEIGHT.check(desirableWeight);
    UNDESIRABLE_WEIGHT.check(undesirableWeight);
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public boolean needsKl() {
    return true;
  }

  @Override
  public ResponseOutput compute(
      ResponseLogProbs policy, ResponseLogProbs reference, NDArray desirable, NDArray kl) {
    return anchored(
        policy.logRatios(reference, reduction),
        kl,
        desirable,
        beta,
        desirableWeight,
        undesirableWeight);
  }

  /** Returns the loss of log-ratios against an anchor, a scalar in nats. */
  static ResponseOutput anchored(
      NDArray ratios,
      NDArray anchor,
      NDArray desirable,
      double beta,
      double desirableWeight,
      double undesirableWeight) {
    LossMath.requireSameShape("desirable", desirable, "policy", ratios);
    NDArray good = LossMath.onesLike(ratios).mul(desirable);
    NDArray baseline = LossMath.on(ratios.getManager(), anchor).stopGradient().maximum(0);
    // +1 for desirable and -1 for undesirable: one expression for both, no branch.
    NDArray sign = good.mul(2).sub(1);
    NDArray weight = good.mul(desirableWeight - undesirableWeight).add(undesirableWeight);
    NDArray distance = ratios.sub(baseline).mul(sign).mul(-beta);
    return new ResponseOutput(
        LossMath.sigmoid(distance).mul(weight), ratios.mul(beta).stopGradient());
  }
}
