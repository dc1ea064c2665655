package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Alignment by optimal transport, paired: the logistic loss between the sorted margins of the
 * policy and the sorted margins of the reference, −(1 − ε) log σ(β Δ₍ᵢ₎) − ε log σ(−β Δ₍ᵢ₎), Δ₍ᵢ₎ =
 * (s_w − s_l)₍ᵢ₎ − (s_w^ref − s_l^ref)₍ᵢ₎.
 *
 * <p>Row i of the result belongs to the i-th smallest margins, not to pair i: the rows of a batch
 * depend on each other.
 *
 * <p>Source: Melnyk et al. 2024, arXiv 2406.05882, paired, convex relaxation with the logistic
 * loss.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param labelSmoothing assumed probability ε that a label is flipped
 */
public record Aot(Reduction reduction, double beta, double labelSmoothing) implements PairwiseLoss {
  static final LossSpec SPEC =
      LossSpec.pair("aot")
          .alias("aot-pair")
          .formula(
              "-(1 - label_smoothing) log sigmoid(beta d_i) - label_smoothing log sigmoid(-beta d_i),"
                  + " d = sort(s_w - s_l) - sort(s_ref_w - s_ref_l)")
          .source("Melnyk et al. 2024 (AOT), arXiv 2406.05882, paired")
          .parameters(SharedParameters.BETA, SharedParameters.LABEL_SMOOTHING)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new Aot(
                      reduction,
                      values.number(SharedParameters.BETA),
                      values.number(SharedParameters.LABEL_SMOOTHING)));

  /** Checks the ranges. */
  public Aot {
    SharedParameters.BETA.check(beta);
    SharedParameters.LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public boolean coupled() {
    return true;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(Math.log(2));
  }

  @Override
  public LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs live = policy.reduced(reduction);
    PairLogProbs frozen = reference.on(policy.manager()).reduced(reduction);
    NDArray margins = live.chosen().sub(live.rejected()).sort(0);
    NDArray referenceMargins = frozen.chosen().sub(frozen.rejected()).sort(0);
    return new LossOutput(
        LossMath.smoothedLogistic(margins.sub(referenceMargins).mul(beta), labelSmoothing),
        live.chosen().sub(frozen.chosen()).mul(beta).stopGradient(),
        live.rejected().sub(frozen.rejected()).mul(beta).stopGradient());
  }
}
