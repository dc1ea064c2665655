package io.dil.train.config;

import io.dil.train.optim.OptimizerType;

/** The keys that say where a run computes and what it keeps there; {@link Settings} lists them. */
public final class DeviceSettings {
  /** Where to compute. */
  public static final Setting<String> DEVICE =
      Setting.text("device", "auto", "auto, cpu, cuda or cuda:N").resumable();

  /** What shares a run. */
  public static final Setting<String> DEVICES =
      Setting.text(
              "devices",
              "",
              "GPUs that share each step: how many, or cuda:0,cuda:1,...; cpuxN: N on the processor")
          .resumable();

  /** What several devices hold in parts. */
  public static final Setting<Integer> ZERO_STAGE =
      Setting.integer(
              "zero_stage",
              2,
              2,
              "what devices hold in parts: 2 optimiser and gradients, 3 the weights too (ZeRO)")
          .resumable();

  /** The type of the gradients' sums. */
  public static final Setting<GradientType> GRADIENT_TYPE =
      Setting.choice(
          "gradient_dtype",
          GradientType.FLOAT32,
          "type that gradients are summed in: float32, or bfloat16 at half the bytes");

  /** The optimiser. */
  public static final Setting<OptimizerType> OPTIM =
      Setting.choice(
          "optim",
          OptimizerType.ADAMW_TORCH,
          "adamw_torch, or adamw_8bit: moments in 8 bits (transformers)");

  /** Where the optimiser is. */
  public static final Setting<Boolean> OFFLOAD_OPTIMIZER =
      Setting.flag(
              "offload_optimizer", false, "keep masters and moments in the host's memory (a GPU's)")
          .resumable();

  /** Where the reference is. */
  public static final Setting<Boolean> OFFLOAD_REFERENCE =
      Setting.flag(
              "offload_reference",
              false,
              "leave the reference in its file and bring a layer at a time to the GPU")
          .resumable();

  private DeviceSettings() {}
}
