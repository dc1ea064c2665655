package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with the unnormalised Kullback-Leibler divergence: −r_w + e^{r_l}.
 *
 * <p>The Bregman loss of h(ρ) = ρ log ρ − ρ. Gradients: −1 with respect to r_w and e^{r_l} with
 * respect to r_l. Infinite where e^{r_l} overflows, unless {@code logRatioBound} is set. The
 * authors' code leaves out the reference's part of r_w, a constant.
 *
 * <p>Source: Xiao et al. 2025 (DIL), Table 1 and eq. 29.
 *
 * @param reduction sum or mean over tokens
 * @param referenceSamples which responses stand for samples of the reference
 * @param logRatioBound largest log-ratio that is exponentiated, see {@code log_ratio_bound}; empty
 *     for none
 */
public record DilUkl(
    Reduction reduction, ReferenceSamples referenceSamples, OptionalDouble logRatioBound)
    implements DensityRatioLoss {
  static final LossSpec SPEC =
      LossSpec.pair("dil-ukl")
          .alias("ukl")
          .formula("-r_w + exp(r_l)")
          .source("Xiao et al. 2025 (DIL), Table 1 and eq. 29")
          .parameters(REFERENCE_SAMPLES, LOG_RATIO_BOUND)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilUkl(
                      reduction,
                      values.choice(REFERENCE_SAMPLES, ReferenceSamples.class),
                      values.optional(LOG_RATIO_BOUND)));

  /** Checks the bound. */
  public DilUkl {
    LOG_RATIO_BOUND.check(logRatioBound);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    return logRatio.neg();
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return LossMath.exp(logRatio, 1, logRatioBound);
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(1);
  }
}
