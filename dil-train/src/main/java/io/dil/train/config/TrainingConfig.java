package io.dil.train.config;

import io.dil.core.InputException;
import io.dil.losses.LossDescription;
import io.dil.losses.LossParameter;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A run's settings, checked: every key is known and used, every value is in range.
 *
 * <p>What is not a key of {@link Settings} is a parameter of the loss. A parameter that the chosen
 * loss does not have is an error, never ignored.
 */
public final class TrainingConfig {
  private final Map<Setting<?>, Object> values = new LinkedHashMap<>();
  private final Map<String, Object> lossParameters = new TreeMap<>();
  private LossDescription loss = LossDescription.unnamed();

  private TrainingConfig() {}

  /**
   * Checks settings.
   *
   * @param given values by key, as YAML or the command line holds them
   * @throws InputException that names the key and what is wrong with it
   */
  public static TrainingConfig of(Map<String, ?> given) {
    TrainingConfig config = new TrainingConfig();
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    Settings.all().forEach(setting -> byName.put(setting.name(), setting));
    Map<String, Object> rest = new TreeMap<>();
    given.forEach(
        (key, value) -> {
          Setting<?> setting = byName.get(key);
          if (value == null) {
            throw new InputException(key + " must have a value, got none");
          } else if (setting == null) {
            rest.put(key, value);
          } else {
            config.values.put(setting, setting.parse(value));
          }
        });
    config.takeLossParameters(rest);
    config.check();
    return config;
  }

  private void takeLossParameters(Map<String, Object> rest) {
    LossSpec spec;
    try {
      spec = Losses.describe(get(Settings.LOSS_TYPE));
    } catch (IllegalArgumentException e) {
      throw new InputException("loss_type: " + e.getMessage(), e);
    }
    for (String key : rest.keySet()) {
      boolean known = parameterNames(spec).contains(key);
      boolean ofAnother =
          Losses.describe().stream().anyMatch(other -> parameterNames(other).contains(key));
      if (!known && ofAnother) {
        throw new InputException(
            key
                + " is not used by loss_type "
                + spec.name()
                + ", whose parameters are "
                + parameterNames(spec));
      }
      if (!known) {
        List<String> names = new ArrayList<>(parameterNames(spec));
        Settings.all().forEach(setting -> names.add(setting.name()));
        throw new InputException(
            "unknown key " + key + "; the nearest is " + Nearest.to(key, names));
      }
    }
    lossParameters.putAll(rest);
    try {
      this.loss = Losses.resolve(get(Settings.LOSS_TYPE), lossParameters);
    } catch (IllegalArgumentException e) {
      throw new InputException("loss_type " + e.getMessage(), e);
    }
  }

  private static List<String> parameterNames(LossSpec loss) {
    List<String> names = new ArrayList<>();
    for (LossParameter parameter : loss.parameters()) {
      names.add(parameter.name());
      names.addAll(parameter.aliases());
    }
    return names;
  }

  private void check() {
    required(Settings.MODEL);
    required(Settings.OUTPUT_DIR);
    if (get(Settings.DATASET).isEmpty() == get(Settings.DATASET_MIXER).isEmpty()) {
      throw new InputException("exactly one of dataset_name and dataset_mixer must be set");
    }
    if (!get(Settings.EVAL_DATASET).isEmpty() && get(Settings.EVAL_HOLDOUT) > 0) {
      throw new InputException("at most one of eval_dataset_name and eval_holdout may be set");
    }
    if (get(Settings.MAX_PROMPT_LENGTH) >= get(Settings.MAX_LENGTH)
        && has(Settings.MAX_PROMPT_LENGTH)) {
      throw new InputException(
          "max_prompt_length must be below max_length, got "
              + get(Settings.MAX_PROMPT_LENGTH)
              + " and "
              + get(Settings.MAX_LENGTH));
    }
    rejectUnused(Settings.WARMUP_RATIO, get(Settings.WARMUP_STEPS) > 0, "warmup_steps is set");
    rejectUnused(Settings.EPOCHS, get(Settings.MAX_STEPS) > 0, "max_steps is set");
    rejectUnused(
        Settings.REF_MODEL,
        !Losses.describe(get(Settings.LOSS_TYPE)).needsReference(),
        "loss_type " + get(Settings.LOSS_TYPE) + " needs no reference");
    rejectUnused(
        Settings.PRECOMPUTE_REFERENCE,
        !Losses.describe(get(Settings.LOSS_TYPE)).needsReference(),
        "loss_type " + get(Settings.LOSS_TYPE) + " needs no reference");
    rejectUnused(
        Settings.REFERENCE_CACHE,
        !get(Settings.PRECOMPUTE_REFERENCE),
        "precompute_ref_log_probs is not set");
    if (Losses.describe(get(Settings.LOSS_TYPE)).takesRewards()) {
      requireNoText();
    }
    for (Setting<?> setting : Settings.OF_ADAPTERS) {
      rejectUnused(setting, !get(Settings.USE_PEFT), "use_peft is not set");
    }
    for (Setting<?> setting : Settings.OF_FRESH_ADAPTERS) {
      rejectUnused(
          setting, !get(Settings.ADAPTER).isEmpty(), "the adapter that training goes on from says");
    }
    rejectUnused(
        DeviceSettings.PURE_BF16,
        has(DeviceSettings.BF16) && !get(DeviceSettings.BF16),
        "bf16 is set to false");
    rejectUnused(
        DeviceSettings.PURE_BF16, get(Settings.USE_PEFT), "an adapter keeps its fp32 masters");
    for (Setting<?> setting :
        List.of(
            DeviceSettings.OFFLOAD_OPTIMIZER, DeviceSettings.OPTIM, DeviceSettings.GRADIENT_TYPE)) {
      rejectUnused(setting, get(Settings.USE_PEFT), "the state of an adapter is small");
    }
    rejectUnused(
        DeviceSettings.OFFLOAD_REFERENCE,
        get(Settings.PRECOMPUTE_REFERENCE),
        "precompute_ref_log_probs leaves no reference in memory");
    boolean oneDevice =
        get(DeviceSettings.DEVICES).isEmpty() || get(DeviceSettings.DEVICES).equals("1");
    rejectUnused(DeviceSettings.ZERO_STAGE, oneDevice, "devices names no more than one");
    if (get(DeviceSettings.ZERO_STAGE) > 3) {
      throw new InputException("zero_stage must be 2 or 3, got " + get(DeviceSettings.ZERO_STAGE));
    }
    rejectUnused(
        DeviceSettings.DEVICE,
        !get(DeviceSettings.DEVICES).isEmpty() && !get(DeviceSettings.DEVICES).equals("1"),
        "devices names what is used");
    boolean noEvaluation = get(Settings.EVAL_DATASET).isEmpty() && get(Settings.EVAL_HOLDOUT) == 0;
    boolean noTasks = get(Settings.EVAL_TASKS).isEmpty();
    rejectUnused(
        Settings.EVAL_STEPS,
        noEvaluation && noTasks,
        "there is no held-out data and no eval_tasks");
    rejectUnused(Settings.EVAL_TASK_LIMIT, noTasks, "eval_tasks names none");
    rejectUnused(Settings.EVAL_TASK_DATA, noTasks, "eval_tasks names none");
    rejectUnused(Settings.MAX_EVAL_SAMPLES, noEvaluation, "there is no held-out data");
  }

  /**
   * Refuses what only a model that writes text can do.
   *
   * @throws InputException if a setting asks for it
   */
  public void requireNoText() {
    String reason = "a reward model writes no text";
    rejectUnused(Settings.EVAL_TASKS, true, reason);
    rejectUnused(Settings.SAMPLES, get(Settings.SAMPLES) > 0, reason);
    rejectUnused(Settings.SAMPLE_TOKENS, !has(Settings.SAMPLES), reason);
  }

  private void required(Setting<String> setting) {
    if (get(setting).isEmpty()) {
      throw new InputException(setting.name() + " must be set, got nothing");
    }
  }

  private void rejectUnused(Setting<?> setting, boolean unused, String reason) {
    if (unused && has(setting)) {
      throw new InputException(setting.name() + " would be ignored: " + reason);
    }
  }

  /** Returns whether a setting was given a value. */
  public boolean has(Setting<?> setting) {
    return values.containsKey(setting);
  }

  /** Returns the value of a setting, or its default. */
  public <T> T get(Setting<T> setting) {
    @SuppressWarnings("unchecked") // of() put in what the setting's own parser returned
    T value = (T) values.get(setting);
    return value == null ? setting.fallback() : value;
  }

  /**
   * Returns these settings for a kind of device: on a GPU with bfloat16 unless they say otherwise.
   *
   * @throws InputException if they hold one that would be ignored there
   */
  public TrainingConfig on(boolean gpu) {
    TrainingConfig config = new TrainingConfig();
    config.values.putAll(values);
    config.lossParameters.putAll(lossParameters);
    config.loss = loss;
    if (gpu) {
      config.values.putIfAbsent(DeviceSettings.BF16, true);
    }
    for (Setting<?> setting :
        List.of(DeviceSettings.OFFLOAD_OPTIMIZER, DeviceSettings.OFFLOAD_REFERENCE)) {
      config.rejectUnused(setting, !gpu, "the device is a processor");
    }
    config.rejectUnused(
        DeviceSettings.PURE_BF16,
        get(DeviceSettings.PURE_BF16) && !config.get(DeviceSettings.BF16),
        "bf16 is not set, and its default on a processor is false");
    return config;
  }

  /**
   * Returns the longest prompt: what was set, or at most half of a {@code max_length} below 1024.
   */
  public int maxPromptLength() {
    return has(Settings.MAX_PROMPT_LENGTH)
        ? get(Settings.MAX_PROMPT_LENGTH)
        : Math.min(get(Settings.MAX_PROMPT_LENGTH), Math.max(1, get(Settings.MAX_LENGTH) / 2));
  }

  /**
   * Returns these settings for a loss that they do not name.
   *
   * @throws InputException if they name one all the same, which would be ignored
   */
  public TrainingConfig withLoss(LossDescription own) {
    rejectUnused(Settings.LOSS_TYPE, true, "the run has a loss of its own");
    if (!lossParameters.isEmpty()) {
      throw new InputException(
          lossParameters.keySet().iterator().next()
              + " would be ignored: the run has a loss of its own");
    }
    TrainingConfig config = new TrainingConfig();
    config.values.putAll(values);
    config.loss = own;
    return config;
  }

  /** Returns the loss that is trained with, all of its parameters filled in. */
  public LossDescription loss() {
    return loss;
  }

  /** Returns the parameters of the loss that were given. */
  public Map<String, Object> lossParameters() {
    return Map.copyOf(lossParameters);
  }

  /** Returns every setting as text, with defaults, and the loss as {@link #loss} resolves it. */
  public Map<String, String> asText() {
    Map<String, String> all = new LinkedHashMap<>();
    for (Setting<?> setting : Settings.all()) {
      if (Settings.OF_ADAPTERS.contains(setting) && !get(Settings.USE_PEFT)) {
        continue;
      }
      boolean ofStart =
          Settings.OF_FRESH_ADAPTERS.contains(setting) || setting.equals(Settings.LORA_DROPOUT);
      if (ofStart && !get(Settings.ADAPTER).isEmpty() && !has(setting)) {
        continue;
      }
      Object value = Objects.requireNonNull(get(setting));
      if (!value.toString().isEmpty() && !value.equals(List.of()) && !value.equals(Map.of())) {
        all.put(setting.name(), Setting.spelled(value));
      }
    }
    all.put(Settings.MAX_PROMPT_LENGTH.name(), String.valueOf(maxPromptLength()));
    all.put(Settings.LOSS_TYPE.name(), loss.name());
    all.putAll(loss.parameters());
    return all;
  }

  /**
   * Returns the settings that decide what is trained, as text. Those that name files are left out:
   * what counts is the contents; of a mix the weights, in their order, are kept.
   */
  public Map<String, String> shaping() {
    Map<String, String> all = asText();
    Settings.all().stream().filter(setting -> !setting.shapes()).forEach(s -> all.remove(s.name()));
    Settings.BY_CONTENT.forEach(setting -> all.remove(setting.name()));
    all.computeIfPresent(
        Settings.DATASET_MIXER.name(),
        (name, text) -> get(Settings.DATASET_MIXER).values().toString());
    return all;
  }
}
