package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * The common form of the DIL losses: a term of the chosen response plus an expectation under the
 * reference model, both functions of a log-ratio.
 *
 * <p>Eq. 18 and 19 of the paper: E_{π_ref}[h′(ρ)ρ − h(ρ)] − E_{π_chosen}[h′(ρ)], with the policy
 * itself as the ratio model, ρ = π/π_ref (eq. 22 and 23).
 */
interface DensityRatioLoss extends LogRatioLoss {
  LossParameter REFERENCE_SAMPLES =
      LossParameter.choice(
          "reference_samples",
          ReferenceSamples.REJECTED,
          ReferenceSamples.class,
          "which responses stand for samples of the reference: the rejected alone, or both, averaged",
          "Xiao et al. 2025 (DIL), eq. 21 and the text below it");

  LossParameter LOG_RATIO_BOUND =
      LossParameter.optional(
          "log_ratio_bound",
          Domain.above(0),
          "log-ratio beyond which exp is continued by its tangent, so that it cannot overflow",
          "not in the paper: off");

  String MEAN_SOURCE = "Xiao et al. 2025 (DIL), B.3: average log-probability of all tokens";

  /** Returns −h′(ρ) up to a constant, as a function of the log-ratio, shape (B). */
  NDArray chosenTerm(NDArray logRatio);

  /** Returns h′(ρ)ρ − h(ρ) up to a constant, as a function of the log-ratio, shape (B). */
  NDArray referenceTerm(NDArray logRatio);

  /** Returns which responses stand for samples of the reference. */
  ReferenceSamples referenceSamples();

  @Override
  default NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray reference = referenceTerm(rejected);
    if (referenceSamples() == ReferenceSamples.BOTH) {
      reference = reference.add(referenceTerm(chosen)).mul(0.5);
    }
    return chosenTerm(chosen).add(reference);
  }

  /** Returns 1: the reward of eq. 17 is the log density ratio itself. */
  @Override
  default double rewardScale() {
    return 1;
  }
}
