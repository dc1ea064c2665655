package io.dil.train.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What must hold between the settings of a run's course, as {@code
 * TrainingArguments._validate_args} and {@code EarlyStoppingCallback.on_train_begin} have it.
 */
final class CourseCheck {
  // As in transformers, against the last digits of fractions.
  private static final double MULTIPLIER = 1_000_000;

  private final TrainingConfig config;
  private final BiConsumer<Setting<?>, String> problems;

  private CourseCheck(TrainingConfig config, BiConsumer<Setting<?>, String> problems) {
    this.config = config;
    this.problems = problems;
  }

  /**
   * Looks at all of it.
   *
   * @param evaluates whether there is anything to evaluate on
   */
  static void check(
      TrainingConfig config, boolean evaluates, BiConsumer<Setting<?>, String> problems) {
    new CourseCheck(config, problems).check(evaluates);
  }

  private void check(boolean evaluates) {
    EvalStrategy evaluation = config.get(CourseSettings.EVAL_STRATEGY);
    SaveStrategy saving = config.get(CourseSettings.SAVE_STRATEGY);
    boolean never = evaluation == EvalStrategy.NO;
    String nothing = "there is no held-out data and no eval_tasks";
    for (Setting<?> setting :
        List.of(
            CourseSettings.EVAL_STRATEGY,
            CourseSettings.EVAL_ON_START,
            CourseSettings.EVAL_DELAY)) {
      boolean no = setting.equals(CourseSettings.EVAL_STRATEGY) && never;
      unused(setting, !evaluates && !no, nothing);
    }
    String strategy = CourseSettings.EVAL_STRATEGY.name() + " is " + Setting.spelled(evaluation);
    unused(CourseSettings.EVAL_ON_START, never, strategy);
    unused(CourseSettings.EVAL_DELAY, never, strategy);
    unused(Settings.EVAL_STEPS, evaluates && evaluation != EvalStrategy.STEPS, strategy);
    unused(
        Settings.SAVE_STEPS,
        saving != SaveStrategy.STEPS,
        CourseSettings.SAVE_STRATEGY.name() + " is " + Setting.spelled(saving));
    boolean tracks = CourseSettings.tracksBest(config);
    String needs = "metric_for_best_model is not set";
    unused(CourseSettings.GREATER, !tracks, needs);
    unused(
        CourseSettings.THRESHOLD,
        config.get(CourseSettings.PATIENCE) == 0,
        "early_stopping_patience is not set");
    for (Setting<?> setting : asks()) {
      if (!tracks) {
        add(setting, spelled(setting) + " needs metric_for_best_model, for instance loss");
      } else if (!evaluates || never) {
        add(
            setting,
            spelled(setting)
                + " needs evaluations; set eval_dataset_name or eval_holdout"
                + (never ? ", and eval_strategy: steps or epoch" : ""));
      } else if (evaluation == EvalStrategy.STEPS && config.get(Settings.EVAL_STEPS).value() == 0) {
        add(setting, spelled(setting) + " needs eval_steps, the steps between evaluations");
      }
    }
    if (config.get(CourseSettings.LOAD_BEST) && evaluates && !never) {
      saves(evaluation, saving);
    }
  }

  /** Returns the settings that were given and ask for evaluations. */
  private List<Setting<?>> asks() {
    List<Setting<?>> asks = new ArrayList<>();
    if (config.get(CourseSettings.LOAD_BEST)) {
      asks.add(CourseSettings.LOAD_BEST);
    }
    if (!config.get(CourseSettings.METRIC).isEmpty()) {
      asks.add(CourseSettings.METRIC);
    }
    if (config.get(CourseSettings.PATIENCE) > 0) {
      asks.add(CourseSettings.PATIENCE);
    }
    if (config.get(CourseSettings.SAVE_STRATEGY) == SaveStrategy.BEST) {
      asks.add(CourseSettings.SAVE_STRATEGY);
    }
    return asks;
  }

  /** The best model can only be loaded if models are saved where they are evaluated. */
  private void saves(EvalStrategy evaluation, SaveStrategy saving) {
    if (saving == SaveStrategy.BEST) {
      return;
    }
    if (!saving.name().equals(evaluation.name())) {
      add(
          CourseSettings.LOAD_BEST,
          "load_best_model_at_end needs save_strategy best, or the same as eval_strategy, got "
              + Setting.spelled(saving)
              + " and "
              + Setting.spelled(evaluation));
      return;
    }
    double evalSteps = config.get(Settings.EVAL_STEPS).value();
    double saveSteps = config.get(Settings.SAVE_STEPS).value();
    if (saving != SaveStrategy.STEPS || evalSteps == 0) {
      return;
    }
    boolean shares = evalSteps < 1 && saveSteps < 1;
    boolean mixed = (evalSteps < 1 || saveSteps < 1) && !shares;
    double factor = shares ? MULTIPLIER : 1;
    if (saveSteps == 0 || mixed || (saveSteps * factor) % (evalSteps * factor) != 0) {
      add(
          CourseSettings.LOAD_BEST,
          "load_best_model_at_end needs save_steps to be a multiple of eval_steps, got "
              + config.get(Settings.SAVE_STEPS)
              + " and "
              + config.get(Settings.EVAL_STEPS)
              + "; or set save_strategy: best");
    }
  }

  private String spelled(Setting<?> setting) {
    return setting.equals(CourseSettings.SAVE_STRATEGY) ? "save_strategy best" : setting.name();
  }

  private void unused(Setting<?> setting, boolean unused, String reason) {
    if (unused && config.has(setting)) {
      add(setting, setting.name() + " would be ignored: " + reason);
    }
  }

  private void add(Setting<?> setting, String text) {
    problems.accept(setting, text);
  }
}
