package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with least-squares importance fitting, the paper's default: −e^{r_w} + ½ e^{2 r_l}.
 *
 * <p>The Bregman loss of h(ρ) = (ρ − 1)²/2. It has no hyper-parameter. Gradients: −e^{r_w} with
 * respect to r_w and e^{2 r_l} with respect to r_l. Where a log-ratio is so large that the
 * exponential overflows (2 r_l &gt; 88 in single precision) the loss is infinite, unless {@code
 * logRatioBound} is set.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 24 and 28.
 *
 * @param reduction sum or mean over tokens
 * @param referenceSamples which responses stand for samples of the reference
 * @param logRatioBound largest log-ratio that is exponentiated, see {@code log_ratio_bound}; empty
 *     for none
 */
public record DilLsif(
    Reduction reduction, ReferenceSamples referenceSamples, OptionalDouble logRatioBound)
    implements DensityRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("dil-lsif")
          .alias("lsif")
          .alias("dil")
          .formula("-exp(r_w) + 1/2 exp(2 r_l)")
          .source("Xiao et al. 2025 (DIL), eq. 24 and 28, Table 1")
          .parameters(REFERENCE_SAMPLES, LOG_RATIO_BOUND)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilLsif(
                      reduction,
                      values.choice(REFERENCE_SAMPLES, ReferenceSamples.class),
                      values.optional(LOG_RATIO_BOUND)));

  /** Checks the bound. */
  public DilLsif {
    LOG_RATIO_BOUND.check(logRatioBound);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    return LossMath.exp(logRatio, 1, logRatioBound).neg();
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return LossMath.exp(logRatio, 2, logRatioBound).mul(0.5);
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(-0.5);
  }
}
