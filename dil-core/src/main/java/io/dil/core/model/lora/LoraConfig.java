package io.dil.core.model.lora;

import java.util.List;

/**
 * What an adapter looks like. The change of a linear is W + scale · BA, where A has {@code rank}
 * rows.
 *
 * <p>Source: Hu et al. 2021, <a href="https://arxiv.org/abs/2106.09685">LoRA</a>, §4.1; for {@code
 * rankStabilized} Kalajdzievski 2023, <a href="https://arxiv.org/abs/2312.03732">rsLoRA</a>.
 *
 * @param rank r, at least 1
 * @param alpha α, above 0
 * @param targets which linears are changed, see {@link LoraTargets}
 * @param rankStabilized whether the scale is α/√r rather than α/r
 * @param dropout the share of the adapter's inputs that training drops, in [0, 1)
 */
public record LoraConfig(
    int rank, double alpha, List<String> targets, boolean rankStabilized, double dropout) {
  /** No α that means anything is larger: adapters use 8 to 512. */
  public static final double LARGEST_ALPHA = 1e6;

  /** Checks the numbers. */
  public LoraConfig {
    if (rank < 1) {
      throw new IllegalArgumentException("rank must be at least 1, got " + rank);
    }
    if (!(alpha > 0 && alpha <= LARGEST_ALPHA)) {
      throw new IllegalArgumentException(
          "alpha must be a number above 0, at most " + LARGEST_ALPHA + ", got " + alpha);
    }
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("targets must name at least one linear, got none");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be a number in [0, 1), got " + dropout);
    }
    targets = List.copyOf(targets);
  }

  /** Returns this adapter with other targets. */
  LoraConfig withTargets(List<String> others) {
    return new LoraConfig(rank, alpha, others, rankStabilized, dropout);
  }

  /** Returns this adapter with another dropout. */
  LoraConfig withDropout(double share) {
    return new LoraConfig(rank, alpha, targets, rankStabilized, share);
  }

  /** Returns the factor of the change: α/r, or α/√r. */
  public double scale() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }
}
