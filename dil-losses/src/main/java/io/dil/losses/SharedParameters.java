package io.dil.losses;

/** Parameters that several losses take with the same default, range and source. */
final class SharedParameters {
  static final LossParameter BETA =
      LossParameter.number(
          "beta",
          0.1,
          Domain.above(0),
          "strength of the pull towards the reference",
          "TRL DPOConfig; the paper names no single default");

  static final LossParameter LABEL_SMOOTHING =
      LossParameter.number(
          "label_smoothing",
          0,
          Domain.halfOpen(0, 0.5),
          "assumed probability that a label is flipped",
          "TRL DPOConfig");

  private SharedParameters() {}
}
