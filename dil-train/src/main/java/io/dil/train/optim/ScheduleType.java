package io.dil.train.optim;

import java.util.Set;

/**
 * The shapes of {@link Schedule}, by transformers' names, each with the further numbers it takes.
 */
public enum ScheduleType {
  /** Falls along half a cosine to 0; {@code num_cycles}: how many cosines, by default 0.5. */
  COSINE("num_cycles"),
  /** Falls in a straight line to 0. */
  LINEAR,
  /** Stays. */
  CONSTANT,
  /** Stays after its warm-up; transformers' name for a constant rate that warms up. */
  CONSTANT_WITH_WARMUP,
  /** Falls {@code num_cycles} times along half a cosine from the peak to 0, by default once. */
  COSINE_WITH_RESTARTS("num_cycles"),
  /** Falls to {@code lr_end} (1e-7) along a power of the way that is left, {@code power} (1). */
  POLYNOMIAL("lr_end", "power"),
  /**
   * Falls as one over the root of the steps, counted in {@code timescale} (the warm-up's steps).
   */
  INVERSE_SQRT("timescale"),
  /**
   * As cosine, to {@code min_lr} or the share {@code min_lr_rate} of the peak: one must be said.
   */
  COSINE_WITH_MIN_LR("num_cycles", "min_lr", "min_lr_rate"),
  /**
   * The same one step ahead, so that the first step has a rate, {@code warmup_lr_rate} of the peak
   * where it is said.
   */
  COSINE_WARMUP_WITH_MIN_LR("num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"),
  /**
   * Rises, stays, and falls in the last {@code num_decay_steps} to {@code min_lr_ratio} of the
   * peak; {@code warmup_type} and {@code decay_type} are linear, cosine or 1-sqrt.
   */
  WARMUP_STABLE_DECAY(
      "num_decay_steps",
      "num_stable_steps",
      "warmup_type",
      "decay_type",
      "min_lr_ratio",
      "num_cycles");

  @SuppressWarnings("ImmutableEnumChecker") // Set.of cannot be changed
  private final Set<String> numbers;

  ScheduleType(String... numbers) {
    this.numbers = Set.of(numbers);
  }

  /** Returns the names of the further numbers that it takes. */
  public Set<String> numbers() {
    return numbers;
  }
}
