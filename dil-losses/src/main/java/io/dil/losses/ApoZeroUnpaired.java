package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Anchored preference optimisation, zero, of single labelled responses: λ_D (1 − σ(β r)) for a
 * desirable response, λ_U σ(β r) for an undesirable one.
 *
 * <p>{@link Kto} anchored at the reference itself in place of an estimate of the KL divergence;
 * rows are not coupled and no mismatched responses are computed. A pair's sum is {@link ApoZero}.
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv 2408.06266, eq. 7, term by term, as TRL's {@code
 * apo_zero_unpaired}.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param desirableWeight λ_D
 * @param undesirableWeight λ_U
 */
public record ApoZeroUnpaired(
    Reduction reduction, double beta, double desirableWeight, double undesirableWeight)
    implements PointwiseLoss {
  static final LossSpec SPEC =
      LossSpec.labelled("apo-zero-unpaired")
          .formula(
              "desirable_weight (1 - sigmoid(beta r)) if desirable, undesirable_weight sigmoid(beta"
                  + " r) if not")
          .source("D'Oosterlinck et al. 2024 (APO), arXiv 2408.06266, eq. 7, of single responses")
          .parameters(Kto.BETA, Kto.DESIRABLE_WEIGHT, Kto.UNDESIRABLE_WEIGHT)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new ApoZeroUnpaired(
                      reduction,
                      values.number(Kto.BETA),
                      values.number(Kto.DESIRABLE_WEIGHT),
                      values.number(Kto.UNDESIRABLE_WEIGHT)));

  /** Checks the ranges. */
  public ApoZeroUnpaired {
    Kto.BETA.check(beta);
    Kto.DESIRABLE_WEIGHT.check(desirableWeight);
    Kto.UNDESIRABLE_WEIGHT.check(undesirableWeight);
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public boolean needsKl() {
    return false;
  }

  @Override
  public ResponseOutput compute(
      ResponseLogProbs policy, ResponseLogProbs reference, NDArray desirable, NDArray kl) {
    NDArray ratios = policy.logRatios(reference, reduction);
    return Kto.anchored(
        ratios,
        LossMath.onesLike(ratios).mul(0),
        desirable,
        beta,
        desirableWeight,
        undesirableWeight);
  }
}
