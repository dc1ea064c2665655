package io.dil.train.config;

import java.util.List;

/** The keys of a reference that moves with the policy; {@link Settings} lists them. */
public final class ReferenceSettings {
  /** Whether it moves. */
  public static final Setting<Boolean> SYNC =
      Setting.flag("sync_ref_model", false, "move the reference towards the policy (TR-DPO; TRL)");

  /** How far. */
  public static final Setting<Double> ALPHA =
      Setting.number(
          "ref_model_mixup_alpha", 0.6, 0, 1, "reference = a * policy + (1 - a) * reference (TRL)");

  /** How often. */
  public static final Setting<Integer> STEPS =
      Setting.integer("ref_model_sync_steps", 512, 1, "steps between such moves (TRL)");

  /** Those that mean something with {@link #SYNC} alone. */
  static final List<Setting<?>> PARTS = List.of(ALPHA, STEPS);

  /** All of them. */
  static final List<Setting<?>> ALL = List.of(SYNC, ALPHA, STEPS);

  private ReferenceSettings() {}
}
