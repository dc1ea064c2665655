package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * Discovered preference optimisation (log-ratio modulated loss): (1 − m) (−log σ(x)) + m e^{−x}, x
 * = β (r_w − r_l), m = σ(x/τ).
 *
 * <p>The second term is computed as exp(log σ(x/τ) − x), which stays finite where e^{−x} alone does
 * not. That needs τ ≤ 1.
 *
 * <p>Source: Lu et al. 2024, arXiv 2406.08414, eq. 5.
 *
 * @param reduction sum or mean over tokens
 * @param beta strength of the pull towards the reference
 * @param tau temperature of the switch between the logistic and the exponential part
 */
public record Discopop(Reduction reduction, double beta, double tau) implements LogRatioLoss {
  private static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.05,
          Domain.above(0),
          "strength of the pull towards the reference",
          "Lu et al. 2024: the zephyr-7b-gemma recipe");

  private static final LossParameter TAU =
      LossParameter.number(
              "tau",
              0.05,
              Domain.upTo(0, 1),
              "temperature of the switch between the logistic and the exponential part",
              "Lu et al. 2024, eq. 5")
          .alsoKnownAs("discopop_tau");

  static final LossSpec SPEC =
      LossSpec.pair("discopop")
          .formula(
              "(1 - m) (-log sigmoid(x)) + m exp(-x), x = beta (r_w - r_l), m = sigmoid(x / tau)")
          .source("Lu et al. 2024 (DiscoPOP), arXiv 2406.08414, eq. 5")
          .parameters(BETA, TAU)
          .reducedBy(
              Reduction.SUM,
              "as in the authors' formula over whole responses; TRL agrees",
              (reduction, values) ->
                  new Discopop(reduction, values.number(BETA), values.number(TAU)));

  /** Checks the ranges. */
  public Discopop {
    BETA.check(beta);
    TAU.check(tau);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray x = chosen.sub(rejected).mul(beta);
    NDArray logModulation = LossMath.logSigmoid(x.div(tau));
    NDArray logistic = LossMath.logSigmoid(x).mul(LossMath.sigmoid(x.div(-tau)));
    return logModulation.sub(x).exp().sub(logistic);
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0.5 * (Math.log(2) + 1));
  }
}
