package io.dil.train.config;

import io.dil.core.checkpoint.StorageType;

/** The type that the gradients of a step are summed in. */
public enum GradientType {
  /** 4 bytes a weight. */
  FLOAT32(StorageType.F32),
  /** 2 bytes a weight; every addition rounds to 8 bits. */
  BFLOAT16(StorageType.BF16);

  private final StorageType storage;

  GradientType(StorageType storage) {
    this.storage = storage;
  }

  /** Returns the type in memory. */
  public StorageType storage() {
    return storage;
  }
}
