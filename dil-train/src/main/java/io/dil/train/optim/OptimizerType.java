package io.dil.train.optim;

import io.dil.core.checkpoint.StorageType;

/** How the optimiser keeps its moments; names are those of transformers' {@code optim}. */
public enum OptimizerType {
  /** In the type of the masters. */
  ADAMW_TORCH,
  /** In 8 bits a number, by blocks of 256 with a scale each (bitsandbytes). */
  ADAMW_8BIT;

  /** The numbers that share a scale. */
  public static final int BLOCK = 256;

  /** Returns the bytes of both moments of some weights. */
  public long momentBytes(long weights, StorageType state) {
    return this == ADAMW_TORCH
        ? 2 * weights * state.bytes()
        : 2 * (weights + weights / BLOCK * StorageType.F32.bytes());
  }
}
