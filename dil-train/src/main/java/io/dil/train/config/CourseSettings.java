package io.dil.train.config;

import io.dil.core.InputException;
import java.util.List;
import java.util.Map;

/**
 * The keys of a run's course: when it evaluates, saves and stops, and which of its models is kept;
 * {@link Settings} lists them. Names and meaning are those of {@code
 * transformers.TrainingArguments} and {@code EarlyStoppingCallback}.
 */
public final class CourseSettings {
  /** When held-out data is evaluated. */
  public static final Setting<EvalStrategy> EVAL_STRATEGY =
      strategy("eval_strategy", EvalStrategy.STEPS, "when to evaluate: no, steps or epoch");

  /** Whether the model is evaluated before it is trained. */
  public static final Setting<Boolean> EVAL_ON_START =
      Setting.flag("eval_on_start", true, "evaluate before the first step too").resumable();

  /** When evaluations begin. */
  public static final Setting<Double> EVAL_DELAY =
      Setting.number(
          "eval_delay",
          0,
          0,
          Double.MAX_VALUE,
          "no evaluation before this step, or epoch where eval_strategy is epoch (transformers)");

  /** When checkpoints are written. */
  public static final Setting<SaveStrategy> SAVE_STRATEGY =
      strategy(
              "save_strategy",
              SaveStrategy.STEPS,
              "when to write a checkpoint: no, steps, epoch or best (transformers)")
          .resumable();

  /** Whether checkpoints lack what a run goes on with. */
  public static final Setting<Boolean> SAVE_ONLY_MODEL =
      Setting.flag(
              "save_only_model",
              false,
              "checkpoints hold the model alone: no run goes on from them (transformers)")
          .resumable();

  /** Whether the run ends with its best model. */
  public static final Setting<Boolean> LOAD_BEST =
      Setting.flag(
          "load_best_model_at_end",
          false,
          "output_dir gets the best model that was saved, not the last (transformers)");

  /** What is best. */
  public static final Setting<String> METRIC =
      Setting.text(
          "metric_for_best_model",
          "",
          "metric of an evaluation that says which model is best (default: loss; transformers)");

  /** Whether more is better. */
  public static final Setting<Boolean> GREATER =
      Setting.flag(
          "greater_is_better",
          false,
          "whether more of it is better (default: unless its name ends with loss; transformers)");

  /** How many evaluations may be no better. */
  public static final Setting<Integer> PATIENCE =
      Setting.integer(
          "early_stopping_patience",
          0,
          0,
          "stop after so many evaluations in a row that are no better; 0: never (transformers)");

  /** How much better is better. */
  public static final Setting<Double> THRESHOLD =
      Setting.number(
          "early_stopping_threshold",
          0,
          0,
          Double.MAX_VALUE,
          "they must be better by more than this (transformers)");

  /** Whether the first step has a line. */
  public static final Setting<Boolean> LOGGING_FIRST_STEP =
      Setting.flag("logging_first_step", false, "a line for the first step too (transformers)")
          .resumable();

  /** Whether the tokens of responses are looked at. */
  public static final Setting<Boolean> TOKEN_METRICS =
      Setting.flag(
              "token_metrics",
              false,
              "entropy, mean_token_accuracy and logits/* too, as TRL; costs the head's product again")
          .resumable();

  /** All of them. */
  static final List<Setting<?>> ALL =
      List.of(
          EVAL_STRATEGY,
          EVAL_ON_START,
          EVAL_DELAY,
          SAVE_STRATEGY,
          SAVE_ONLY_MODEL,
          LOAD_BEST,
          METRIC,
          GREATER,
          PATIENCE,
          THRESHOLD,
          LOGGING_FIRST_STEP,
          TOKEN_METRICS);

  private CourseSettings() {}

  /** Returns whether a run looks for its best model. */
  public static boolean tracksBest(TrainingConfig config) {
    return config.get(LOAD_BEST) || !config.get(METRIC).isEmpty();
  }

  /** Returns the metric that says which model is best, as lines of evaluations name it. */
  public static String metric(TrainingConfig config) {
    String name = config.get(METRIC).isEmpty() ? "loss" : config.get(METRIC);
    return name.startsWith("eval_") ? name : "eval_" + name;
  }

  /** Returns whether more of that metric is better. */
  public static boolean greaterIsBetter(TrainingConfig config) {
    return config.has(GREATER) ? config.get(GREATER) : !metric(config).endsWith("loss");
  }

  /**
   * Returns what an evaluation says of the metric that decides.
   *
   * @throws InputException if it does not have that metric
   */
  public static double value(TrainingConfig config, Map<String, Double> evaluation) {
    Double value = evaluation.get(metric(config));
    if (value == null) {
      throw new InputException(
          METRIC.name()
              + " must be a metric of the evaluation, one of "
              + evaluation.keySet()
              + ", got "
              + metric(config));
    }
    return value;
  }

  /** YAML takes {@code no} for false. */
  private static <E extends Enum<E>> Setting<E> strategy(String name, E fallback, String help) {
    Setting<E> choice = Setting.choice(name, fallback, help);
    return new Setting<>(
        name,
        fallback,
        true,
        help,
        value -> choice.parser().apply(value.toString().equals("false") ? "no" : value));
  }
}
