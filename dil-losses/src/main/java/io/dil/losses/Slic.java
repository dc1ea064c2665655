package io.dil.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Sequence likelihood calibration: max(0, δ − s_w + s_l) − λ s_w.
 *
 * <p>The paper regularises with a separate target y_ref; as a baseline of DIL and SimPO that target
 * is the chosen response. It defines no implicit reward: what is reported is the score that its
 * margin compares, s.
 *
 * <p>Source: Zhao et al. 2023 (SLiC-HF), arXiv 2305.10425, eq. 1; λ and δ as in Table 5 of Xiao et
 * al. 2025.
 *
 * @param reduction sum or mean over tokens
 * @param delta margin between the two log-probabilities
 * @param lambda weight of the negative log-likelihood
 */
public record Slic(Reduction reduction, double delta, double lambda) implements LogProbLoss {
  private static final LossParameter DELTA =
      LossParameter.number(
          "delta",
          1,
          Domain.atLeast(0),
          "margin between the two log-probabilities",
          "HALOs config/loss/slic.yaml");

  private static final LossParameter LAMBDA =
      LossParameter.number(
          "lambda",
          0.1,
          Domain.atLeast(0),
          "weight of the negative log-likelihood",
          "HALOs config/loss/slic.yaml");

  static final LossSpec SPEC =
      LossSpec.pair("slic")
          .formula("max(0, delta - s_w + s_l) - lambda s_w")
          .source("Zhao et al. 2023 (SLiC-HF), arXiv 2305.10425, eq. 1")
          .parameters(DELTA, LAMBDA)
          .reducedBy(
              Reduction.SUM,
              "Zhao et al. 2023, eq. 1",
              (reduction, values) ->
                  new Slic(reduction, values.number(DELTA), values.number(LAMBDA)));

  /** Checks the ranges. */
  public Slic {
    DELTA.check(delta);
    LAMBDA.check(lambda);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return Activation.relu(rejected.sub(chosen).add(delta)).sub(chosen.mul(lambda));
  }

  @Override
  public double rewardScale() {
    return 1;
  }
}
