package io.dil.core.model;

import io.dil.core.checkpoint.StorageType;

/**
 * What stands beside the weights while they are trained.
 *
 * @param masters the type of what the optimiser updates: the weights' own, or fp32
 * @param gradients the type that gradients are summed in
 * @param offload whether masters are in the host's memory, where the weights are on a GPU
 */
public record TrainingState(StorageType masters, StorageType gradients, boolean offload) {
  /** fp32 masters and gradients beside the weights. */
  public static final TrainingState FP32 =
      new TrainingState(StorageType.F32, StorageType.F32, false);
}
