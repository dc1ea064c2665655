package io.dil.core.model;

/** How attention over the runs of a pass is computed. All ways give the same up to rounding. */
public enum AttentionRuns {
  /** Packed where there is a kernel for it, else by run. */
  AUTO,
  /** One kernel for each run: any type, any device. */
  BY_RUN,
  /** Keys packed run after run, for one kernel over all: bfloat16 on CUDA. */
  PACKED
}
