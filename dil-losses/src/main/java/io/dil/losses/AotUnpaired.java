package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Alignment by optimal transport, unpaired: the logistic loss between the sorted chosen and the
 * sorted rejected log-ratios of a batch, −(1 − ε) log σ(β Δ₍ᵢ₎) − ε log σ(−β Δ₍ᵢ₎), Δ₍ᵢ₎ = r_w₍ᵢ₎ −
 * r_l₍ᵢ₎.
 *
 * <p>Row i of the result belongs to the i-th smallest log-ratios, not to pair i: the rows of a
 * batch depend on each other.
 *
 * <p>Source: Melnyk et al. 2024, arXiv 2406.05882, unpaired, convex relaxation with the logistic
 * loss.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param labelSmoothing assumed probability that a label is flipped
 */
public record AotUnpaired(Reduction reduction, double beta, double labelSmoothing)
    implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("aot-unpaired")
          .formula(
              "-(1 - label_smoothing) log sigmoid(beta d_i) - label_smoothing log sigmoid(-beta d_i), d = sort(r_w) - sort(r_l)")
          .source("Melnyk et al. 2024 (AOT), arXiv 2406.05882, unpaired")
          .parameters(SharedParameters.BETA, SharedParameters.LABEL_SMOOTHING)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new AotUnpaired(
                      reduction,
                      values.number(SharedParameters.BETA),
                      values.number(SharedParameters.LABEL_SMOOTHING)));

  /** Checks the ranges. */
  public AotUnpaired {
    SharedParameters.BETA.check(beta);
    SharedParameters.LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray difference = chosen.sort(0).sub(rejected.sort(0));
    return LossMath.smoothedLogistic(difference.mul(beta), labelSmoothing);
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(Math.log(2));
  }

  @Override
  public boolean coupled() {
    return true;
  }
}
