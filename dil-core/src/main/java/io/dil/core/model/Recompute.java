package io.dil.core.model;

/** Whether a layer's activations are kept for the backward pass or computed again. */
public enum Recompute {
  /** They are kept: fastest. */
  NEVER,
  /** They are computed again: one layer's activations at a time, a third more work. */
  ALWAYS,
  /** They are kept where an estimate says that they fit into half of the memory that is free. */
  AUTO
}
