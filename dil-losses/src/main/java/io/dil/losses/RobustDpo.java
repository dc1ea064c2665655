package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Provably robust DPO: [−(1 − ε) log σ(β Δ) + ε log σ(−β Δ)] / (1 − 2ε), Δ = r_w − r_l.
 *
 * <p>An unbiased estimate of the DPO loss of clean labels when a share ε of them is flipped. Not to
 * be confused with conservative DPO ({@link Dpo} with label smoothing), which is biased. It is
 * unbounded below where Δ is very negative, as the paper's is.
 *
 * <p>Source: Chowdhury et al. 2024, arXiv 2403.00409 (rDPO).
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param labelSmoothing share of labels that are flipped
 */
public record RobustDpo(Reduction reduction, double beta, double labelSmoothing)
    implements LogRatioLoss {
  private static final LossParameter LABEL_SMOOTHING =
      LossParameter.number(
          "label_smoothing",
          0.1,
          Domain.halfOpen(0, 0.5),
          "share of labels that are flipped",
          "no published default; 0, TRL's, would be plain DPO");

  static final LossSpec SPEC =
      LossSpec.pair("robust-dpo")
          .alias("robust")
          .alias("rdpo")
          .formula(
              "[-(1 - label_smoothing) log sigmoid(beta (r_w - r_l)) + label_smoothing log sigmoid(-beta (r_w - r_l))] / (1 - 2 label_smoothing)")
          .source("Chowdhury et al. 2024, arXiv 2403.00409 (rDPO)")
          .parameters(SharedParameters.BETA, LABEL_SMOOTHING)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new RobustDpo(
                      reduction,
                      values.number(SharedParameters.BETA),
                      values.number(LABEL_SMOOTHING)));

  /** Checks the ranges. */
  public RobustDpo {
    SharedParameters.BETA.check(beta);
    LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray x = chosen.sub(rejected).mul(beta);
    double rest = 1 - 2 * labelSmoothing;
    return LossMath.logSigmoid(x)
        .mul((labelSmoothing - 1) / rest)
        .add(LossMath.logSigmoid(x.neg()).mul(labelSmoothing / rest));
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
