package io.dil.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.OptionalDouble;

/**
 * Hinge loss on the DPO margin: max(0, 1 − β (r_w − r_l)).
 *
 * <p>TRL calls it SLiC's; the SLiC-HF paper's own loss, which has no reference, is {@link Slic}.
 *
 * <p>Source: Liu et al. 2023 (RSO), arXiv 2309.06657, the hinge-norm loss.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 */
public record Hinge(Reduction reduction, double beta) implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("hinge")
          .formula("max(0, 1 - beta (r_w - r_l))")
          .source("Liu et al. 2023 (RSO), arXiv 2309.06657, hinge-norm")
          .parameters(SharedParameters.BETA)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) -> new Hinge(reduction, values.number(SharedParameters.BETA)));

  /** Checks the ranges. */
  public Hinge {
    SharedParameters.BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return Activation.relu(chosen.sub(rejected).mul(-beta).add(1));
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(1);
  }
}
