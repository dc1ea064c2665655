package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with binary cross-entropy: −log σ(r_w) − log σ(−r_l).
 *
 * <p>The Bregman loss of h(ρ) = ρ log ρ − (1 + ρ) log(1 + ρ). Gradients: −σ(−r_w) with respect to
 * r_w and σ(r_l) with respect to r_l, so it is finite everywhere. It is {@link BcoPair} with β = 1
 * on averaged log-ratios.
 *
 * <p>Source: Xiao et al. 2025 (DIL), Table 1 and Appendix A.
 *
 * @param reduction sum or mean over tokens
 * @param referenceSamples which responses stand for samples of the reference
 */
public record DilBce(Reduction reduction, ReferenceSamples referenceSamples)
    implements DensityRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("dil-bce")
          .alias("bce")
          .formula("-log sigmoid(r_w) - log sigmoid(-r_l)")
          .source("Xiao et al. 2025 (DIL), Table 1 and Appendix A")
          .parameters(REFERENCE_SAMPLES)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilBce(reduction, values.choice(REFERENCE_SAMPLES, ReferenceSamples.class)));

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    return LossMath.logSigmoid(logRatio).neg();
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return LossMath.logSigmoid(logRatio.neg()).neg();
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(2 * Math.log(2));
  }
}
