package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with the Kullback-Leibler importance estimation procedure in Lagrangian form: −r_w + λ
 * (e^{r_l} − 1).
 *
 * <p>KLIEP maximises E_chosen[log ρ] subject to E_ref[ρ] = 1; λ is the multiplier of that
 * constraint. λ = 1 is {@link DilUkl} up to a constant. Infinite where e^{r_l} overflows, unless
 * {@code logRatioBound} is set.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 30 and 31.
 *
 * @param reduction sum or mean over tokens
 * @param lagrange the multiplier λ
 * @param referenceSamples which responses stand for samples of the reference
 * @param logRatioBound largest log-ratio that is exponentiated, see {@code log_ratio_bound}; empty
 *     for none
 */
public record DilKliep(
    Reduction reduction,
    double lagrange,
    ReferenceSamples referenceSamples,
    OptionalDouble logRatioBound)
    implements DensityRatioLoss {
  private static final LossParameter LAGRANGE =
      LossParameter.number(
          "lagrange",
          1,
          Domain.above(0),
          "multiplier of the constraint E_ref[rho] = 1",
          "Xiao et al. 2025 (DIL), eq. 29: the value at which KLIEP and UKL agree");

  static final LossSpec SPEC =
      LossSpec.pair("dil-kliep")
          .alias("kliep")
          .formula("-r_w + lagrange (exp(r_l) - 1)")
          .source("Xiao et al. 2025 (DIL), eq. 30 and 31")
          .parameters(LAGRANGE, REFERENCE_SAMPLES, LOG_RATIO_BOUND)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilKliep(
                      reduction,
                      values.number(LAGRANGE),
                      values.choice(REFERENCE_SAMPLES, ReferenceSamples.class),
                      values.optional(LOG_RATIO_BOUND)));

  /** Checks the multiplier and the bound. */
  public DilKliep {
    LAGRANGE.check(lagrange);
    LOG_RATIO_BOUND.check(logRatioBound);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    return logRatio.neg();
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return LossMath.exp(logRatio, 1, logRatioBound).sub(1).mul(lagrange);
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(0);
  }
}
