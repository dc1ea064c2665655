package io.dil.losses;

import java.util.Locale;

/** The divergence that regularises the policy in f-DPO, each by f′ as a function of ρ = π/π_ref. */
public enum Divergence {
  /** Reverse Kullback-Leibler, f′ = log ρ + 1: DPO itself. */
  REVERSE_KL,
  /** Forward Kullback-Leibler, f′ = −1/ρ. */
  FORWARD_KL,
  /** Jensen-Shannon, f′ = log(2ρ/(1 + ρ)). */
  JS,
  /**
   * α-divergence, f′ = (1 − ρ^{−α})/α, 0 &lt; α &lt; 1: reverse KL as α → 0 and forward KL as α →
   * 1.
   */
  ALPHA;

  /** Returns the name used in configuration files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
