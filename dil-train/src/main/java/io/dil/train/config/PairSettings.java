package io.dil.train.config;

import java.util.List;

/** The keys of what counts more in losses of pairs; {@link Settings} lists them. */
public final class PairSettings {
  /** What tokens beyond the shorter response's length count. */
  public static final Setting<Double> LD_ALPHA =
      Setting.number(
          "ld_alpha",
          1,
          0,
          1,
          "weight of a response's tokens beyond the shorter's length (LD-DPO)");

  /** Whether likely pairs count more. */
  public static final Setting<Boolean> WEIGHTING =
      Setting.flag("use_weighting", false, "weigh pairs by how likely the policy is (WPO; TRL)");

  /** Both. */
  static final List<Setting<?>> ALL = List.of(LD_ALPHA, WEIGHTING);

  private PairSettings() {}
}
