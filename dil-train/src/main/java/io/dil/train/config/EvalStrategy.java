package io.dil.train.config;

/** When held-out data is evaluated; transformers' {@code IntervalStrategy}. */
public enum EvalStrategy {
  /** Never. */
  NO,
  /** Every so many steps, and at the end. */
  STEPS,
  /** After every pass over the data, and at the end. */
  EPOCH
}
