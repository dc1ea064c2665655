package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * KTO on pairs, as it was first used: ½ λ_D (1 − σ(β (r_w − K_l))) + ½ λ_U (1 − σ(β (K_w − r_l))),
 * where K_w and K_l are the batch means of r_w and r_l, floored at 0, without gradient.
 *
 * <p>The KL of one kind of response is estimated from the other kind, so the rows of a batch depend
 * on each other. The factor ½ makes the mean over pairs the mean over responses. {@link Kto}
 * replaced it.
 *
 * <p>Source: {@code kto_pair} of TRL 0.8.6, which gives eq. 7 of the first KTO report; unlike it,
 * no gradient flows through the two means, as in Ethayarajh et al. 2024, section 4.1.
 *
 * @param reduction sum or mean over tokens
 * @param beta risk aversion, and strength of the pull towards the reference
 * @param desirableWeight λ_D
 * @param undesirableWeight λ_U
 */
public record KtoPair(
    Reduction reduction, double beta, double desirableWeight, double undesirableWeight)
    implements LogRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("kto-pair")
          .formula(
              "1/2 desirable_weight (1 - sigmoid(beta (r_w - k_l)))"
                  + " + 1/2 undesirable_weight (1 - sigmoid(beta (k_w - r_l))), k = max(0, mean r) of the batch")
          .source("TRL 0.8.6 (kto_pair), after Ethayarajh et al. 2024 (KTO), arXiv 2402.01306")
          .parameters(Kto.BETA, Kto.DESIRABLE_WEIGHT, Kto.UNDESIRABLE_WEIGHT)
          .reducedBy(
              Reduction.SUM,
              "Ethayarajh et al. 2024; TRL agrees",
              (reduction, values) ->
                  new KtoPair(
                      reduction,
                      values.number(Kto.BETA),
                      values.number(Kto.DESIRABLE_WEIGHT),
                      values.number(Kto.UNDESIRABLE_WEIGHT)));

  /** Checks the ranges. */
  public KtoPair {
    Kto.BETA.check(beta);
    Kto.DESIRABLE_WEIGHT.check(desirableWeight);
    Kto.UNDESIRABLE_WEIGHT.check(undesirableWeight);
  }

  @Override
  public boolean coupled() {
    return true;
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray good = LossMath.sigmoid(chosen.sub(baseline(rejected)).mul(-beta));
    NDArray bad = LossMath.sigmoid(rejected.sub(baseline(chosen)).mul(beta));
    return good.mul(0.5 * desirableWeight).add(bad.mul(0.5 * undesirableWeight));
  }

  private static NDArray baseline(NDArray ratios) {
    return ratios.stopGradient().mean().maximum(0);
  }

  @Override
  public double rewardScale() {
    return beta;
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0.25 * (desirableWeight + undesirableWeight));
  }
}
