package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Direct preference optimisation: −(1 − ε) log σ(β Δ) − ε log σ(−β Δ), Δ = r_w − r_l.
 *
 * <p>With label smoothing ε &gt; 0 it is conservative DPO. With {@code reduction=mean} it is
 * length-normalised DPO. Gradient with respect to Δ: β (σ(β Δ) − (1 − ε)).
 *
 * <p>Source: Rafailov et al. 2023, arXiv 2305.18290, eq. 7; label smoothing: Mitchell 2023, "A note
 * on DPO with noisy preferences", eq. 3.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param labelSmoothing assumed probability ε that a label is flipped
 */
public record Dpo(Reduction reduction, double beta, double labelSmoothing) implements LogRatioLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.1,
          Domain.above(0),
          "strength of the pull towards the reference",
          "Rafailov et al. 2023, appendix B");

  private static final LossParameter LABEL_SMOOTHING =
      LossParameter.number(
          "label_smoothing",
          0,
          Domain.halfOpen(0, 0.5),
          "assumed probability that a label is flipped (conservative DPO)",
          "Rafailov et al. 2023: none");

  static final LossSpec SPEC =
      LossSpec.pair("dpo")
          .alias("sigmoid")
          .alias("cdpo", Map.of("label_smoothing", "0.1"))
          .alias("rpo", Map.of("rpo_alpha", "1"))
          .alias("sigmoid-norm", Map.of("reduction", "mean"))
          .formula(
              "-(1 - label_smoothing) log sigmoid(beta (r_w - r_l))"
                  + " - label_smoothing log sigmoid(-beta (r_w - r_l))")
          .source("Rafailov et al. 2023, arXiv 2305.18290, eq. 7; cDPO: Mitchell 2023, eq. 3")
          .parameters(BETA, LABEL_SMOOTHING)
          .reducedBy(
              Reduction.SUM,
              "Rafailov et al. 2023, appendix B (code)",
              (reduction, values) ->
                  new Dpo(reduction, values.number(BETA), values.number(LABEL_SMOOTHING)));

  /** Checks the ranges. */
  public Dpo {
    BETA.check(beta);
    LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.smoothedLogistic(chosen.sub(rejected).mul(beta), labelSmoothing);
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
