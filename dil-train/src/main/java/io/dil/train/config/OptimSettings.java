package io.dil.train.config;

import io.dil.train.optim.OptimizerArguments;
import io.dil.train.optim.OptimizerType;
import io.dil.train.optim.Schedule;
import io.dil.train.optim.ScheduleNumbers;
import io.dil.train.optim.ScheduleType;
import java.util.List;
import java.util.Map;

/** The keys of the optimiser and of its rate's course; {@link Settings} lists them. */
public final class OptimSettings {
  /** transformers' courses that follow a loss or a metric, so that nobody knows them beforehand. */
  private static final List<String> FOLLOWING = List.of("reduce_lr_on_plateau", "greedy");

  private static final Setting<ScheduleType> KNOWN_BEFOREHAND =
      Setting.choice(
          "lr_scheduler_type",
          ScheduleType.COSINE,
          "course of the rate (paper, B.3; transformers)");

  /** How the learning rate changes. */
  public static final Setting<ScheduleType> SCHEDULE =
      new Setting<>(
          KNOWN_BEFOREHAND.name(),
          KNOWN_BEFOREHAND.fallback(),
          true,
          KNOWN_BEFOREHAND.help(),
          value -> {
            if (FOLLOWING.contains(value.toString())) {
              throw new IllegalArgumentException(
                  "a course that is known beforehand, since a run that goes on must find it again;"
                      + " take constant, linear or warmup_stable_decay");
            }
            return KNOWN_BEFOREHAND.parser().apply(value);
          });

  /** The further numbers of the rate's course. */
  public static final Setting<Map<String, Object>> SCHEDULE_NUMBERS =
      Setting.values(
          "lr_scheduler_kwargs", "further numbers of the course, NAME: value (transformers)");

  /** The share of warm-up steps. */
  public static final Setting<Double> WARMUP_RATIO =
      Setting.number("warmup_ratio", 0.1, 0, 1, "share of the steps that warm up (paper, B.3)");

  /** The number of warm-up steps. */
  public static final Setting<Integer> WARMUP_STEPS =
      Setting.integer("warmup_steps", 0, 0, "steps that warm up; above 0 it replaces warmup_ratio");

  /** Decoupled weight decay. */
  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number(
          "weight_decay",
          0,
          0,
          Double.MAX_VALUE,
          "decay of matrices, not of biases and norms (TRL)");

  /** First moment. */
  public static final Setting<Double> ADAM_BETA1 =
      Setting.number("adam_beta1", 0.9, 0, 0.9999999, "decay of the first moment (torch)");

  /** Second moment. */
  public static final Setting<Double> ADAM_BETA2 =
      Setting.number("adam_beta2", 0.999, 0, 0.9999999, "decay of the second moment (torch)");

  /** Added to the root of the second moment. */
  public static final Setting<Double> ADAM_EPSILON =
      Setting.number("adam_epsilon", 1e-8, 0, 1, "epsilon (torch)");

  /** The longest gradient. */
  public static final Setting<Double> MAX_GRAD_NORM =
      Setting.number(
          "max_grad_norm",
          1,
          0,
          Double.MAX_VALUE,
          "global norm of a clipped gradient; 0: never (TRL)");

  /** The optimiser. */
  public static final Setting<OptimizerType> OPTIM =
      Setting.choice(
          "optim",
          OptimizerType.ADAMW_TORCH,
          "adamw_torch, adamw_8bit (moments in 8 bits), sgd, adafactor, lion_32bit, muon");

  /** Arguments of the optimiser that have no setting of their own. */
  public static final Setting<Map<String, Object>> OPTIM_ARGS =
      new Setting<>(
          "optim_args",
          Map.of(),
          true,
          "arguments of sgd, adafactor and muon, NAME=VALUE,... or a map (transformers)",
          value ->
              value instanceof String text && text.contains("=")
                  ? OptimizerArguments.parse(text)
                  : Setting.parseValues(value));

  /** How much faster B moves than A. */
  public static final Setting<Double> LORAPLUS_RATIO =
      Setting.number(
          "loraplus_lr_ratio",
          1,
          1,
          Double.MAX_VALUE,
          "rate of an adapter's B over that of A, LoRA+ (PEFT); the authors take 16");

  /** All of them. */
  static final List<Setting<?>> ALL =
      List.of(
          SCHEDULE,
          SCHEDULE_NUMBERS,
          WARMUP_RATIO,
          WARMUP_STEPS,
          WEIGHT_DECAY,
          ADAM_BETA1,
          ADAM_BETA2,
          ADAM_EPSILON,
          MAX_GRAD_NORM,
          LORAPLUS_RATIO,
          OPTIM,
          OPTIM_ARGS);

  private OptimSettings() {}

  /** Returns the course of a run's learning rate, over so many steps. */
  public static Schedule schedule(TrainingConfig config, long steps) {
    int warmup = config.get(WARMUP_STEPS);
    return new Schedule(
        new ScheduleNumbers(config.get(SCHEDULE), config.get(SCHEDULE_NUMBERS)),
        config.get(Settings.LEARNING_RATE),
        warmup > 0 ? warmup : (long) Math.ceil(steps * config.get(WARMUP_RATIO)),
        steps);
  }
}
