package io.dil.train.optim;

/**
 * The learning rate of every step: the same numbers as transformers' {@code get_scheduler} gives
 * ({@code transformers/optimization.py}). Most rise in a straight line from 0 in w steps first.
 *
 * <pre>
 * t &lt; w:                    lr · t / w
 * p = (t − w) / (n − w)
 * cosine:                   lr · ½(1 + cos(2π c p)), c = ½
 * cosine_with_restarts:     lr · ½(1 + cos(π (c p mod 1))), c = 1; 0 from p = 1 on
 * cosine_with_min_lr:       lr · (m + (1 − m) · ½(1 + cos(2π c p)))
 * linear:                   lr · (1 − p)
 * polynomial:               e + (lr − e) (1 − p)^k
 * inverse_sqrt:             lr · √(s / (t + s − w))
 * constant:                 lr
 * warmup_stable_decay:      lr · (m + (1 − m) · f), f rising, 1, and falling in the last d steps
 * </pre>
 *
 * @param numbers the shape, and its further numbers c, m, e, k, s, d
 * @param peak lr
 * @param warmupSteps w; a plain constant has none
 * @param totalSteps n
 */
public record Schedule(ScheduleNumbers numbers, double peak, long warmupSteps, long totalSteps) {
  /** transformers' time scale of inverse_sqrt where there is no warm-up. */
  private static final double TIMESCALE = 10_000;

  /** transformers' default of polynomial's last rate. */
  private static final double LR_END = 1e-7;

  /** Checks that there is a step, and that the numbers fit the run. */
  public Schedule {
    if (totalSteps < 1) {
      throw new IllegalArgumentException("total steps must be at least 1, got " + totalSteps);
    }
    if (warmupSteps < 0) {
      throw new IllegalArgumentException("warm-up steps must be >= 0, got " + warmupSteps);
    }
    if (numbers.type() == ScheduleType.POLYNOMIAL && numbers.number("lr_end", LR_END) >= peak) {
      throw new IllegalArgumentException(
          "lr_end must be below the rate " + peak + ", got " + numbers.number("lr_end", LR_END));
    }
  }

  /** Makes one of a shape without further numbers. */
  public Schedule(ScheduleType type, double peak, long warmupSteps, long totalSteps) {
    this(ScheduleNumbers.none(type), peak, warmupSteps, totalSteps);
  }

  /** Returns the learning rate of {@code step}, counted from 0. */
  public double at(long step) {
    return switch (numbers.type()) {
      case CONSTANT -> peak;
      case WARMUP_STABLE_DECAY -> peak * stableThenDecay(step);
      case COSINE_WARMUP_WITH_MIN_LR -> peak * ahead(step);
      default -> step < warmupSteps ? peak * step / warmupSteps : peak * after(step);
    };
  }

  private double after(long step) {
    double progress =
        (double) (step - warmupSteps) / Math.max(1.0, (double) (totalSteps - warmupSteps));
    return switch (numbers.type()) {
      case COSINE -> Math.max(0, cosine(progress));
      case COSINE_WITH_RESTARTS ->
          progress >= 1
              ? 0
              : 0.5 * (1 + Math.cos(Math.PI * (numbers.number("num_cycles", 1) * progress % 1)));
      case COSINE_WITH_MIN_LR -> raised(cosine(progress), least());
      case LINEAR -> Math.max(0, 1 - progress);
      case POLYNOMIAL -> polynomial(progress);
      case INVERSE_SQRT -> inverseRoot(step);
      default -> 1;
    };
  }

  private double cosine(double progress) {
    return 0.5 * (1 + Math.cos(Math.PI * numbers.number("num_cycles", 0.5) * 2 * progress));
  }

  private double polynomial(double progress) {
    double end = numbers.number("lr_end", LR_END);
    double left = Math.max(0, 1 - progress);
    return ((peak - end) * Math.pow(left, numbers.number("power", 1)) + end) / peak;
  }

  private double inverseRoot(long step) {
    double scale = numbers.number("timescale", warmupSteps > 0 ? (double) warmupSteps : TIMESCALE);
    return 1 / Math.sqrt(((double) (step - warmupSteps) + scale) / scale);
  }

  private double ahead(long step) {
    if (step < warmupSteps) {
      double first = numbers.number("warmup_lr_rate", 0);
      return numbers.has("warmup_lr_rate")
          ? first + (1 - first) * step / Math.max(1.0, (double) (warmupSteps - 1))
          : (step + 1.0) / warmupSteps;
    }
    double progress =
        (double) (step - warmupSteps + 1) / Math.max(1.0, (double) (totalSteps - warmupSteps));
    return raised(cosine(progress), least());
  }

  private double stableThenDecay(long step) {
    double least = numbers.number("min_lr_ratio", 0);
    if (step < warmupSteps) {
      double progress = (double) step / warmupSteps;
      double risen =
          switch (numbers.text("warmup_type", "linear")) {
            case "cosine" -> 0.5 * (1 - Math.cos(Math.PI * progress));
            case "1-sqrt" -> 1 - Math.sqrt(1 - progress);
            default -> progress;
          };
      return raised(risen, least);
    }
    double decay = numbers.number("num_decay_steps", 0);
    double stable = numbers.number("num_stable_steps", (double) (totalSteps - warmupSteps) - decay);
    double since = (double) (step - warmupSteps) - stable;
    if (since < 0) {
      return 1;
    }
    if (since >= decay) {
      return least;
    }
    double progress = since / Math.max(1, decay);
    double left =
        switch (numbers.text("decay_type", "cosine")) {
          case "linear" -> 1 - progress;
          case "1-sqrt" -> 1 - Math.sqrt(progress);
          default -> cosine(progress);
        };
    return raised(left, least);
  }

  private double least() {
    return numbers.has("min_lr")
        ? numbers.number("min_lr", 0) / peak
        : numbers.number("min_lr_rate", 0);
  }

  private static double raised(double factor, double least) {
    return Math.max(0, factor * (1 - least) + least);
  }
}
