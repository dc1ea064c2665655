package io.dil.core.model;

import io.dil.core.collective.Collectives;

/**
 * What of a model several ranks hold in parts, each the rows that {@link
 * io.dil.core.collective.RowShare} names.
 *
 * <p>Masters, moments and gradients are always in parts (ZeRO-2); with {@code weights} the weights
 * are too, and each layer's are brought together while it runs (ZeRO-3). Source: Rajbhandari et al.
 * 2020, <a href="https://arxiv.org/abs/1910.02054">ZeRO</a>, section 5.
 *
 * @param group the ranks
 * @param weights whether a rank holds its share of the weights alone
 */
public record Sharding(Collectives group, boolean weights) {
  /** One rank that holds everything. */
  public static final Sharding NONE = new Sharding(Collectives.alone(), false);

  /** Returns whether this rank holds its share of the weights alone. */
  public boolean ofWeights() {
    return weights && group.size() > 1;
  }

  /** Returns whether masters, moments and gradients are in parts. */
  public boolean ofState() {
    return group.size() > 1;
  }
}
