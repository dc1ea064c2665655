package io.dil.train.config;

import io.dil.core.model.Recompute;

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

  /** Whether to compute in bfloat16. */
  public static final Setting<Boolean> BF16 =
      Setting.flag("bf16", false, "compute in bfloat16 with fp32 masters (default: on a GPU; TRL)");

  /** Whether fp32 masters are left out. */
  public static final Setting<Boolean> PURE_BF16 =
      Setting.flag(
          "pure_bf16",
          false,
          "no fp32 masters: 10 bytes a weight for 18, but steps below 1/512 of a weight are lost");

  /** Whether layers run twice. */
  public static final Setting<Recompute> CHECKPOINTING =
      Setting.choice(
              "gradient_checkpointing",
              Recompute.AUTO,
              "recompute activations: true, false, or auto: where they would not fit")
          .resumable();

  private DeviceSettings() {}
}
