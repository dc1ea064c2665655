package io.dil.train.optim;

/**
 * The learning rate of every step: a linear warm-up from 0, then the shape, which ends at 0 behind
 * the last step. The same numbers as transformers' {@code get_scheduler}.
 *
 * <pre>
 * t &lt; w:     lr · t / w
 * cosine:    lr · ½(1 + cos(π (t − w) / (n − w)))
 * linear:    lr · (n − t) / (n − w)
 * constant:  lr
 * </pre>
 *
 * @param type the shape
 * @param peak lr
 * @param warmupSteps w; a plain constant has none
 * @param totalSteps n
 */
public record Schedule(ScheduleType type, double peak, long warmupSteps, long totalSteps) {
  /** Checks that there is a step. */
  public Schedule {
    if (totalSteps < 1) {
      throw new IllegalArgumentException("total steps must be at least 1, got " + totalSteps);
    }
    if (warmupSteps < 0) {
      throw new IllegalArgumentException("warm-up steps must be >= 0, got " + warmupSteps);
    }
  }

  /** Returns the learning rate of {@code step}, counted from 0. */
  public double at(long step) {
    if (step < warmupSteps && type != ScheduleType.CONSTANT) {
      return peak * step / Math.max(1, warmupSteps);
    }
    double left = Math.max(1, totalSteps - warmupSteps);
    double progress = Math.min(1, (step - warmupSteps) / left);
    return switch (type) {
      case COSINE -> peak * 0.5 * (1 + Math.cos(Math.PI * progress));
      case LINEAR -> peak * (1 - progress);
      case CONSTANT, CONSTANT_WITH_WARMUP -> peak;
    };
  }
}
