package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Efficient exact optimisation on pairs: the reverse Kullback-Leibler divergence from the model's
 * preference to the label's, q_w (log q_w − log(1 − ε)) + q_l (log q_l − log ε), q_w = σ(β Δ), q_l
 * = σ(−β Δ), Δ = r_w − r_l.
 *
 * <p>ε must be positive: at 0 the divergence is infinite.
 *
 * <p>Source: Ji et al. 2024, arXiv 2402.00856, eq. 16.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param labelSmoothing probability that the label is wrong
 */
public record ExoPair(Reduction reduction, double beta, double labelSmoothing)
    implements LogRatioLoss {
  private static final LossParameter LABEL_SMOOTHING =
      LossParameter.number(
          "label_smoothing",
          0.001,
          Domain.between(0, 0.5),
          "probability that the label is wrong",
          "TRL recommends 1e-3 (dpo_trainer.py)");

  static final LossSpec SPEC =
      LossSpec.pair("exo-pair")
          .alias("exo")
          .formula(
              "q_w (log q_w - log(1 - label_smoothing)) + q_l (log q_l - log label_smoothing), q_w = sigmoid(beta (r_w - r_l)), q_l = 1 - q_w")
          .source("Ji et al. 2024 (EXO), arXiv 2402.00856, eq. 16")
          .parameters(SharedParameters.BETA, LABEL_SMOOTHING)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new ExoPair(
                      reduction,
                      values.number(SharedParameters.BETA),
                      values.number(LABEL_SMOOTHING)));

  /** Checks the ranges. */
  public ExoPair {
    SharedParameters.BETA.check(beta);
    LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray x = chosen.sub(rejected).mul(beta);
    NDArray logChosen = LossMath.logSigmoid(x);
    NDArray logRejected = LossMath.logSigmoid(x.neg());
    NDArray first = logChosen.sub(Math.log1p(-labelSmoothing)).mul(LossMath.sigmoid(x));
    NDArray second = logRejected.sub(Math.log(labelSmoothing)).mul(LossMath.sigmoid(x.neg()));
    return first.add(second);
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(
        -Math.log(2) - 0.5 * (Math.log1p(-labelSmoothing) + Math.log(labelSmoothing)));
  }
}
