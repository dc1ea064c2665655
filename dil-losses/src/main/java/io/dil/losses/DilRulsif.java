package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.OptionalDouble;

/**
 * DIL with relative least-squares importance fitting: ½ α g_w² − g_w + ½ (1 − α) g_l², where g =
 * ρ/(αρ + 1 − α) = σ(r + log(α/(1 − α)))/α.
 *
 * <p>g is the relative density ratio, chosen against the mixture α chosen + (1 − α) reference. It
 * is bounded by 1/α, so neither loss nor gradient can overflow, where {@link DilLsif} and {@link
 * DilUkl} have an exponential without bound. The relative ratio is a model of ρ like any other: the
 * loss is the Bregman loss of h(ρ) = (1 − α)²/(2α² (αρ + 1 − α)), with h″(ρ) = (1 − α)²/(αρ + 1 −
 * α)³, and its minimum is at the same ρ = π_chosen/π_ref. As α → 0 it tends to {@link DilLsif}.
 * Gradients: −g_w (1 − α g_w)² with respect to r_w and (1 − α) g_l² (1 − α g_l) with respect to
 * r_l; both vanish where a ratio is very large.
 *
 * <p>Source: Yamada et al. 2011 ("Relative density-ratio estimation for robust distribution
 * comparison", eq. 2), with the policy as the ratio's model as in Xiao et al. 2025 (DIL), eq. 22.
 *
 * @param reduction sum or mean over tokens
 * @param alpha the share α of the chosen responses in the mixture
 * @param referenceSamples which responses stand for samples of the reference
 */
public record DilRulsif(Reduction reduction, double alpha, ReferenceSamples referenceSamples)
    implements DensityRatioLoss {
  private static final LossParameter ALPHA =
      LossParameter.number(
          "alpha",
          0.1,
          Domain.between(0, 1),
          "share of chosen responses in the mixture; 1/alpha bounds the relative ratio",
          "Yamada et al. 2011, whose experiments compare 0, 0.5 and 0.95; ours keeps nearer to LSIF");

  static final LossSpec SPEC =
      LossSpec.pair("dil-rulsif")
          .alias("rulsif")
          .formula("alpha/2 g_w^2 - g_w + (1 - alpha)/2 g_l^2, g = rho/(alpha rho + 1 - alpha)")
          .source("Yamada et al. 2011, eq. 2, in Xiao et al. 2025 (DIL), eq. 18 to 23")
          .parameters(ALPHA, REFERENCE_SAMPLES)
          .reducedBy(
              Reduction.MEAN,
              MEAN_SOURCE,
              (reduction, values) ->
                  new DilRulsif(
                      reduction,
                      values.number(ALPHA),
                      values.choice(REFERENCE_SAMPLES, ReferenceSamples.class)));

  /** Checks the share. */
  public DilRulsif {
    ALPHA.check(alpha);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    NDArray relative = relative(logRatio);
    return relative.mul(0.5 * alpha).sub(1).mul(relative);
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    return relative(logRatio).square().mul(0.5 * (1 - alpha));
  }

  @Override
  public OptionalDouble valueAtReference() {
    return OptionalDouble.of(-0.5);
  }

  /** Returns ρ/(αρ + 1 − α) without computing ρ, which may overflow. */
  private NDArray relative(NDArray logRatio) {
    return LossMath.sigmoid(logRatio.add(Math.log(alpha / (1 - alpha)))).div(alpha);
  }
}
