package io.dil.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * DIL with any convex h of one's own: [h′(ρ_l) ρ_l − h(ρ_l)] − h′(ρ_w), ρ = e^r.
 *
 * <p>h is given as functions of the density ratio ρ &gt; 0 on arrays of shape (B):
 *
 * <pre>{@code
 * PairwiseLoss lsif = Bregman.of(rho -> rho.sub(1).square().mul(0.5), rho -> rho.sub(1));
 * }</pre>
 *
 * <p>Convexity is checked at every ρ where the loss is evaluated, and at ρ = 1: h must lie above
 * its tangents there, h(a) ≥ h(b) + h′(b)(a − b), which also finds an h′ that does not belong to h.
 * The check reads 2B numbers on the host, on a GPU a synchronisation.
 *
 * <p>Gradients with respect to r: −h″(ρ_w) ρ_w and h″(ρ_l) ρ_l². They come from differentiating h
 * and h′, or, if h″ is given, from h″ itself; then h and h′ need not be differentiable by the
 * engine.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 18, 19 and 23.
 */
public final class Bregman implements DensityRatioLoss {
  private final Reduction reduction;
  private final ReferenceSamples referenceSamples;
  private final UnaryOperator<NDArray> h;
  private final UnaryOperator<NDArray> hPrime;
  private final Optional<UnaryOperator<NDArray>> hSecond;

  private Bregman(
      Reduction reduction,
      ReferenceSamples referenceSamples,
      UnaryOperator<NDArray> h,
      UnaryOperator<NDArray> hPrime,
      Optional<UnaryOperator<NDArray>> hSecond) {
    this.reduction = reduction;
    this.referenceSamples = referenceSamples;
    this.h = h;
    this.hPrime = hPrime;
    this.hSecond = hSecond;
  }

  /** Returns the loss of h, with mean reduction and rejected responses as reference samples. */
  public static Bregman of(UnaryOperator<NDArray> h, UnaryOperator<NDArray> hPrime) {
    return new Bregman(Reduction.MEAN, ReferenceSamples.REJECTED, h, hPrime, Optional.empty());
  }

  /** Returns the loss of h with h″ for its gradient. */
  public static Bregman of(
      UnaryOperator<NDArray> h, UnaryOperator<NDArray> hPrime, UnaryOperator<NDArray> hSecond) {
    return new Bregman(Reduction.MEAN, ReferenceSamples.REJECTED, h, hPrime, Optional.of(hSecond));
  }

  /** Returns this loss with another reduction. */
  public Bregman reducedBy(Reduction other) {
    return new Bregman(other, referenceSamples, h, hPrime, hSecond);
  }

  /** Returns this loss with another choice of responses for the expectation under the reference. */
  public Bregman sampling(ReferenceSamples other) {
    return new Bregman(reduction, other, h, hPrime, hSecond);
  }

  @Override
  public Reduction reduction() {
    return reduction;
  }

  @Override
  public ReferenceSamples referenceSamples() {
    return referenceSamples;
  }

  /**
   * Returns the loss of every pair.
   *
   * @throws IllegalArgumentException if h is not convex, or h′ is not its derivative, at one of the
   *     ratios
   */
  @Override
  public LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    PairLogProbs ratios = policy.logRatios(reference, reduction);
    requireConvex(ratios);
    return DensityRatioLoss.super.compute(policy, reference);
  }

  @Override
  public NDArray chosenTerm(NDArray logRatio) {
    if (hSecond.isEmpty()) {
      return hPrime.apply(logRatio.exp()).neg();
    }
    NDArray rho = logRatio.stopGradient().exp();
    return withSlope(logRatio, hPrime.apply(rho).neg(), hSecond.get().apply(rho).mul(rho).neg());
  }

  @Override
  public NDArray referenceTerm(NDArray logRatio) {
    if (hSecond.isEmpty()) {
      NDArray rho = logRatio.exp();
      return hPrime.apply(rho).mul(rho).sub(h.apply(rho));
    }
    NDArray rho = logRatio.stopGradient().exp();
    return withSlope(
        logRatio,
        hPrime.apply(rho).mul(rho).sub(h.apply(rho)),
        hSecond.get().apply(rho).mul(rho).mul(rho));
  }

  /**
   * Returns {@code value} with the gradient {@code slope} with respect to {@code logRatio}; both
   * are outside the graph.
   */
  private static NDArray withSlope(NDArray logRatio, NDArray value, NDArray slope) {
    NDArray zero = logRatio.sub(logRatio.stopGradient());
    return zero.mul(slope).add(value);
  }

  private void requireConvex(PairLogProbs ratios) {
    NDArray rho = ratios.chosen().stopGradient().concat(ratios.rejected().stopGradient()).exp();
    NDArray withOne = rho.concat(rho.getManager().ones(new Shape(1), rho.getDataType()));
    ConvexityCheck.require(
        LossMath.toHost(withOne),
        LossMath.toHost(h.apply(withOne)),
        LossMath.toHost(hPrime.apply(withOne)),
        withOne.getDataType());
  }
}
