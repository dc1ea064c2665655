package io.dil.train.config;

/** When a checkpoint is written; transformers' {@code SaveStrategy}. */
public enum SaveStrategy {
  /** Never while all goes well. */
  NO,
  /** Every so many steps. */
  STEPS,
  /** After every pass over the data. */
  EPOCH,
  /** When an evaluation was better than all before it. */
  BEST
}
