package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with Basu's power divergence: −((1 + a) e^{a r_w} − 1)/a + e^{(1 + a) r_l}.
 *
 * <p>The Bregman loss of h(ρ) = (ρ^{1+a} − ρ)/a: h′(ρ) = ((1 + a) ρ^a − 1)/a and h′(ρ)ρ − h(ρ) =
 * ρ^{1+a}. It joins two losses of the paper. As a → 0 it tends to {@link DilUkl} less 1; at a = 1
 * it is twice {@link DilLsif}, plus 1. Gradients: −(1 + a) e^{a r_w} with respect to r_w and (1 +
 * a) e^{(1 + a) r_l} with respect to r_l. Infinite where an exponential overflows, unless {@code
 * logRatioBound} is set.
 *
 * <p>Source: h of Sugiyama, Suzuki and Kanamori 2012 ("Density-ratio matching under the Bregman
 * divergence", section 4.1, after Basu et al. 1998), in Xiao et al. 2025 (DIL), eq. 18 to 23.
 *
 * @param reduction sum or mean over tokens
 * @param power the exponent a
 * @param referenceSamples which responses stand for samples of the reference
 * @param logRatioBound largest log-ratio that is exponentiated, see {@code log_ratio_bound}; empty
 *     for none
 */
public record DilPower(
    Reduction reduction,
    double power,
    ReferenceSamples referenceSamples,
    OptionalDouble logRatioBound)
    implements DensityRatioLoss {
  private static final LossParameter POWER =
      LossParameter.number(
          "power",
          0.5,
          Domain.above(0),
          "exponent a: UKL as it tends to 0, LSIF at 1",
          "not published for policies: half way between UKL and LSIF");

  static final LossSpec SPEC =
      LossSpec.pair("dil-power")
          .formula("-((1 + a) exp(a r_w) - 1)/a + exp((1 + a) r_l)")
          .source("Sugiyama et al. 2012, section 4.1, in Xiao et al. 2025 (DIL), eq. 18 to 23")
          .parameters(POWER, REFERENCE_SAMPLES, LOG_RATIO_BOUND)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilPower(
                      reduction,
                      values.number(POWER),
                      values.choice(REFERENCE_SAMPLES, ReferenceSamples.class),
                      values.optional(LOG_RATIO_BOUND)));

  /** Checks the exponent and the bound. */
  public DilPower {
    POWER.check(power);
    LOG_RATIO_BOUND.check(logRatioBound);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    // ((1 + a) e^x − 1)/a = (1 + a)(e^x − 1)/a + 1, in which a small a cancels nothing.
    return LossMath.expm1(logRatio, power, logRatioBound).mul(-(1 + power) / power).sub(1);
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return LossMath.exp(logRatio, 1 + power, logRatioBound);
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0);
  }
}
