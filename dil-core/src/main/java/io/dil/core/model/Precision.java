package io.dil.core.model;

import io.dil.core.checkpoint.StorageType;

/**
 * The type in which a model computes. Log-probabilities, sums and moments are fp32 or better in
 * both.
 */
public enum Precision {
  /** IEEE single. */
  FLOAT32(StorageType.F32),
  /** bfloat16 weights and activations. */
  BFLOAT16(StorageType.BF16);

  private final StorageType storage;

  Precision(StorageType storage) {
    this.storage = storage;
  }

  /** Returns the type of the weights in memory. */
  public StorageType storage() {
    return storage;
  }
}
