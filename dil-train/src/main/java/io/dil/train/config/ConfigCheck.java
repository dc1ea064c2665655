package io.dil.train.config;

import io.dil.losses.LossSpec;
import io.dil.train.optim.OptimizerType;
import io.dil.train.optim.Schedule;
import io.dil.train.optim.ScheduleNumbers;
import io.dil.train.rank.Launch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What must hold between the settings of one configuration: all of it is looked at, every time. */
final class ConfigCheck {
  private final TrainingConfig config;
  private final Given given;
  private final List<String> problems;

  /**
   * Prepares a check.
   *
   * @param given where the settings stand
   * @param problems takes what is wrong, a line each
   */
  ConfigCheck(TrainingConfig config, Given given, List<String> problems) {
    this.config = config;
    this.given = given;
    this.problems = problems;
  }

  void check() {
    required(Settings.MODEL);
    required(Settings.OUTPUT_DIR);
    boolean unread = config.isMisread(Settings.DATASET) || config.isMisread(Settings.DATASET_MIXER);
    if (config.get(Settings.DATASET).isEmpty() == config.get(Settings.DATASET_MIXER).isEmpty()
        && !unread) {
      add(Settings.DATASET, "exactly one of dataset_name and dataset_mixer must be set");
    }
    if (!config.get(Settings.EVAL_DATASET).isEmpty() && config.get(Settings.EVAL_HOLDOUT) > 0) {
      add(Settings.EVAL_HOLDOUT, "at most one of eval_dataset_name and eval_holdout may be set");
    }
    if (!config.get(Settings.CHAT_TEMPLATE).isEmpty()) {
      unused(ChatSettings.CHAT_TEMPLATE_TEXT, true, "chat_template_path names another template");
    }
    if (config.get(Settings.MAX_PROMPT_LENGTH) >= config.get(Settings.MAX_LENGTH)
        && config.has(Settings.MAX_PROMPT_LENGTH)
        && !config.isMisread(Settings.MAX_LENGTH)) {
      add(
          Settings.MAX_PROMPT_LENGTH,
          "max_prompt_length must be below max_length, got "
              + config.get(Settings.MAX_PROMPT_LENGTH)
              + " and "
              + config.get(Settings.MAX_LENGTH));
    }
    schedule();
    Optional<LossSpec> loss = config.lossSpec();
    if (loss.isPresent() && loss.get().takesRewards()) {
      noText(config, this::add);
    }
    // An unknown loss was said already; a reference may be right.
    boolean needsReference = loss.isEmpty() || loss.get().needsReference();
    unused(
        OptimSettings.WARMUP_RATIO,
        config.get(OptimSettings.WARMUP_STEPS) > 0,
        "warmup_steps is set");
    unused(Settings.EPOCHS, config.get(Settings.MAX_STEPS) > 0, "max_steps is set");
    unused(
        Settings.REF_MODEL,
        !needsReference,
        "loss_type " + config.get(Settings.LOSS_TYPE) + " needs no reference");
    unused(
        Settings.PRECOMPUTE_REFERENCE,
        !needsReference,
        "loss_type " + config.get(Settings.LOSS_TYPE) + " needs no reference");
    unused(
        Settings.REFERENCE_CACHE,
        !config.get(Settings.PRECOMPUTE_REFERENCE),
        "precompute_ref_log_probs is not set");
    List<String> trackers = config.get(TrackSettings.REPORT_TO);
    unused(
        TrackSettings.LOGGING_DIR,
        !trackers.contains("tensorboard"),
        "report_to does not name tensorboard");
    unused(
        TrackSettings.MLFLOW_URI, !trackers.contains("mlflow"), "report_to does not name mlflow");
    PolicyCheck.check(config, loss, needsReference, this::add);
    for (Setting<?> setting : Settings.OF_ADAPTERS) {
      unused(setting, !config.get(Settings.USE_PEFT), "use_peft is not set");
    }
    for (Setting<?> setting : Settings.OF_FRESH_ADAPTERS) {
      unused(
          setting,
          !config.get(Settings.ADAPTER).isEmpty(),
          "the adapter that training goes on from says");
    }
    unused(
        DeviceSettings.PURE_BF16,
        config.has(DeviceSettings.BF16) && !config.get(DeviceSettings.BF16),
        "bf16 is set to false");
    unused(
        DeviceSettings.PURE_BF16,
        config.get(Settings.USE_PEFT),
        "an adapter keeps its fp32 masters");
    for (Setting<?> setting :
        List.of(DeviceSettings.OFFLOAD_OPTIMIZER, DeviceSettings.GRADIENT_TYPE)) {
      unused(setting, config.get(Settings.USE_PEFT), "the state of an adapter is small");
    }
    unused(
        DeviceSettings.OFFLOAD_REFERENCE,
        config.get(Settings.PRECOMPUTE_REFERENCE),
        "precompute_ref_log_probs leaves no reference in memory");
    boolean oneDevice =
        !Launch.here().isShared()
            && (config.get(DeviceSettings.DEVICES).isEmpty()
                || config.get(DeviceSettings.DEVICES).equals("1"));
    unused(DeviceSettings.ZERO_STAGE, oneDevice, "devices names no more than one");
    optimiser(oneDevice);
    if (config.get(DeviceSettings.ZERO_STAGE) > 3) {
      add(
          DeviceSettings.ZERO_STAGE,
          "zero_stage must be 2 or 3, got " + config.get(DeviceSettings.ZERO_STAGE));
    }
    unused(
        DeviceSettings.DEVICE,
        !config.get(DeviceSettings.DEVICES).isEmpty()
            && !config.get(DeviceSettings.DEVICES).equals("1"),
        "devices names what is used");
    if (config.isMisread(Settings.EVAL_DATASET)) {
      return;
    }
    boolean noEvaluation =
        config.get(Settings.EVAL_DATASET).isEmpty() && config.get(Settings.EVAL_HOLDOUT) == 0;
    boolean noTasks = config.get(Settings.EVAL_TASKS).isEmpty();
    CourseCheck.check(config, !(noEvaluation && noTasks), this::add);
    unused(
        Settings.EVAL_STEPS,
        noEvaluation && noTasks,
        "there is no held-out data and no eval_tasks");
    unused(Settings.EVAL_TASK_LIMIT, noTasks, "eval_tasks names none");
    unused(Settings.EVAL_TASK_DATA, noTasks, "eval_tasks names none");
    unused(Settings.MAX_EVAL_SAMPLES, noEvaluation, "there is no held-out data");
  }

  private void schedule() {
    if (config.isMisread(OptimSettings.SCHEDULE)) {
      return;
    }
    try {
      ScheduleNumbers numbers =
          new ScheduleNumbers(
              config.get(OptimSettings.SCHEDULE), config.get(OptimSettings.SCHEDULE_NUMBERS));
      // With the rate; how many steps there are is not known yet.
      new Schedule(numbers, config.get(Settings.LEARNING_RATE), 0, 1);
    } catch (IllegalArgumentException e) {
      add(
          OptimSettings.SCHEDULE_NUMBERS,
          OptimSettings.SCHEDULE_NUMBERS.name() + " must have " + e.getMessage());
    }
  }

  private void optimiser(boolean oneDevice) {
    if (config.isMisread(OptimSettings.OPTIM)) {
      return;
    }
    OptimizerType type = config.get(OptimSettings.OPTIM);
    String name = Setting.spelled(type);
    unused(
        OptimSettings.OPTIM,
        type.isAdamW() && config.get(Settings.USE_PEFT),
        "the state of an adapter is small");
    boolean noDecays = type == OptimizerType.SGD || type == OptimizerType.ADAFACTOR;
    unused(OptimSettings.ADAM_BETA1, noDecays, "optim is " + name);
    unused(OptimSettings.ADAM_BETA2, noDecays, "optim is " + name);
    unused(OptimSettings.ADAM_EPSILON, !type.hasEpsilon(), "optim is " + name);
    if (!oneDevice && !type.isShared()) {
      add(
          OptimSettings.OPTIM,
          "optim must be one that several devices can hold in parts, got "
              + name
              + ", which looks at whole matrices; take lion_32bit or adamw_8bit, or one"
              + " device");
    }
    try {
      boolean own = config.optimizer().ownRate();
      for (Setting<?> setting :
          List.of(
              Settings.LEARNING_RATE,
              OptimSettings.SCHEDULE,
              OptimSettings.SCHEDULE_NUMBERS,
              OptimSettings.WARMUP_RATIO,
              OptimSettings.WARMUP_STEPS)) {
        unused(setting, own, "relative_step in optim_args is a rate of its own");
      }
    } catch (IllegalArgumentException e) {
      add(OptimSettings.OPTIM_ARGS, "optim_args must have " + e.getMessage());
    }
  }

  /** Says which settings ask for what only a model that writes text can do. */
  static void noText(TrainingConfig config, BiConsumer<Setting<?>, String> problems) {
    Map<Setting<?>, Boolean> asks =
        Map.of(
            Settings.EVAL_TASKS,
            true,
            CourseSettings.TOKEN_METRICS,
            config.get(CourseSettings.TOKEN_METRICS),
            Settings.SAMPLES,
            config.get(Settings.SAMPLES) > 0,
            Settings.SAMPLE_TOKENS,
            !config.has(Settings.SAMPLES));
    asks.forEach(
        (setting, asked) -> {
          if (asked && config.has(setting)) {
            problems.accept(
                setting, setting.name() + " would be ignored: a reward model writes no text");
          }
        });
  }

  private void required(Setting<String> setting) {
    if (config.get(setting).isEmpty() && !config.isMisread(setting)) {
      add(setting, setting.name() + " must be set, got nothing");
    }
  }

  private void unused(Setting<?> setting, boolean unused, String reason) {
    if (unused && config.has(setting)) {
      add(setting, setting.name() + " would be ignored: " + reason);
    }
  }

  private void add(Setting<?> setting, String text) {
    problems.add(given.problem(setting.name(), text));
  }
}
