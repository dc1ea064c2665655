package io.dil.train.optim;

/** The shapes of {@link Schedule}, by transformers' names. */
public enum ScheduleType {
  /** Falls along half a cosine to 0. */
  COSINE,
  /** Falls in a straight line to 0. */
  LINEAR,
  /** Stays. */
  CONSTANT,
  /** Stays after its warm-up; transformers' name for a constant rate that warms up. */
  CONSTANT_WITH_WARMUP
}
