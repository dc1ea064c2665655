package io.dil.train.config;

import io.dil.core.InputException;
import io.dil.data.Example;
import io.dil.losses.LossDescription;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.Nearest;
import io.dil.train.optim.AdamW;
import io.dil.train.optim.OptimizerArguments;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run's settings, checked: every key is known and used, every value is in range.
 *
 * <p>What is not a key of {@link Settings} is a parameter of the loss. A parameter that the chosen
 * loss does not have is an error, never ignored.
 *
 * <p>Nothing of it changes: any number of threads may use it.
 */
public final class TrainingConfig {
  private static final Pattern LINE = Pattern.compile("\\S+?:(\\d{1,8}): ");

  private final Map<Setting<?>, Object> values = new LinkedHashMap<>();
  private final Map<String, Object> lossParameters = new TreeMap<>();
  private final Map<String, String> places = new HashMap<>();
  private final Set<String> misread = new HashSet<>();
  private LossDescription loss = LossDescription.unnamed();
  private Map<String, Iterable<? extends Example>> data = Map.of();

  private TrainingConfig() {}

  /** Begins settings that a program makes, each by its constant. */
  public static ConfigBuilder builder() {
    return new ConfigBuilder();
  }

  /**
   * Checks settings that stand in no file.
   *
   * @param given values by key, as YAML or the command line holds them
   * @throws InputException that names every key with which something is wrong, and what
   */
  public static TrainingConfig of(Map<String, ?> given) {
    return of(Given.of(Objects.requireNonNull(given, "settings")));
  }

  /**
   * Checks settings; those of another trainer are translated first.
   *
   * @throws InputException that names every key with which something is wrong, where, and what
   */
  public static TrainingConfig of(Given given) {
    return of(Translation.of(given));
  }

  /**
   * Checks what a translation came to.
   *
   * @throws InputException that names every key with which something is wrong, where, and what
   */
  public static TrainingConfig of(Translation translation) {
    Given given = translation.settings();
    TrainingConfig config = new TrainingConfig();
    List<String> problems = new ArrayList<>(translation.problems());
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    Settings.all().forEach(setting -> byName.put(setting.name(), setting));
    Map<String, Object> rest = new TreeMap<>();
    for (String key : given.keys()) {
      Setting<?> setting = byName.get(key);
      Object value = given.get(key);
      config.places.put(key, given.place(key));
      if (value == null) {
        problems.add(
            given.problem(key, key + " must have a value, got none; remove it for the default"));
        config.misread.add(key);
      } else if (setting == null) {
        rest.put(key, value);
      } else {
        try {
          config.values.put(setting, setting.parse(value));
        } catch (InputException e) {
          problems.add(given.problem(key, e.problems().get(0)));
          config.misread.add(key);
        }
      }
    }
    if (translation.isUnsettled(DataTranslation.KEYS)) {
      config.misread.add(Settings.DATASET.name());
      config.misread.add(Settings.EVAL_DATASET.name());
    }
    config.takeLossParameters(rest, given, problems);
    new ConfigCheck(config, given, problems).check();
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(TrainingConfig::line));
      throw InputException.of(problems);
    }
    return config;
  }

  /** Returns the line that a problem begins with; 0 where it stands in no file. */
  private static int line(String problem) {
    Matcher place = LINE.matcher(problem);
    return place.lookingAt() ? Integer.parseInt(place.group(1)) : 0;
  }

  private void takeLossParameters(Map<String, Object> rest, Given given, List<String> problems) {
    LossSpec spec = null;
    try {
      spec = Losses.describe(get(Settings.LOSS_TYPE));
    } catch (IllegalArgumentException e) {
      problems.add(given.problem(Settings.LOSS_TYPE.name(), "loss_type: " + e.getMessage()));
    }
    int before = problems.size();
    rest.forEach(
        (key, value) -> {
          if (!LossNames.has(key)) {
            problems.add(given.problem(key, unknown(key)));
          }
        });
    if (spec == null) {
      return;
    }
    for (String key : rest.keySet()) {
      List<String> losses = LossNames.with(key);
      if (key.equals(Losses.weightsName()) && !spec.knows(key)) {
        problems.add(
            given.problem(key, key + " weighs several losses, and loss_type names one; remove it"));
      } else if (LossNames.has(key) && !spec.knows(key)) {
        problems.add(
            given.problem(
                key,
                key
                    + " is not used by loss_type "
                    + spec.name()
                    + ", whose parameters are "
                    + spec.parameterNames()
                    + (given.has(Settings.LOSS_TYPE.name()) || losses.isEmpty()
                        ? ""
                        : "; it belongs to another method: add the line 'loss_type: "
                            + String.join("' or 'loss_type: ", losses)
                            + "'")));
      }
    }
    if (problems.size() > before) {
      return;
    }
    lossParameters.putAll(rest);
    try {
      this.loss = Losses.resolve(get(Settings.LOSS_TYPE), lossParameters);
    } catch (IllegalArgumentException e) {
      problems.add(given.problem(wrong(e, rest), "loss_type " + e.getMessage()));
    }
  }

  /** Returns the parameter that an error speaks of, or the loss itself. */
  private static String wrong(IllegalArgumentException error, Map<String, Object> parameters) {
    String message = String.valueOf(error.getMessage());
    return parameters.keySet().stream()
        .filter(key -> message.contains(": " + key + " "))
        .findFirst()
        .orElse(Settings.LOSS_TYPE.name());
  }

  /** Returns the loss's description; empty where its name is unknown. */
  Optional<LossSpec> lossSpec() {
    try {
      return Optional.of(Losses.describe(get(Settings.LOSS_TYPE)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Returns what is said of a key that nobody knows. */
  static String unknown(String key) {
    List<String> names = new ArrayList<>(LossNames.allParameters());
    Settings.all().forEach(setting -> names.add(setting.name()));
    ForeignKeys.all().forEach(row -> names.add(row.name()));
    return "unknown key "
        + key
        + Nearest.near(key, names)
            .map(near -> "; the nearest is " + near)
            .orElse("; 'dil train --keys' lists those that there are");
  }

  /** Returns whether a key was given a value that cannot be read. */
  boolean isMisread(Setting<?> setting) {
    return misread.contains(setting.name());
  }

  private void rejectUnused(Setting<?> setting, boolean unused, String reason) {
    if (unused && has(setting)) {
      throw new InputException(setting.name() + " would be ignored: " + reason);
    }
  }

  /**
   * Refuses what only a model that writes text can do.
   *
   * @throws InputException if a setting asks for it
   */
  public void requireNoText() {
    List<String> problems = new ArrayList<>();
    ConfigCheck.noText(this, (setting, text) -> problems.add(problem(setting, text)));
    if (!problems.isEmpty()) {
      throw InputException.of(problems);
    }
  }

  /** Returns a problem of a setting, with the place where it stands in a file. */
  public String problem(Setting<?> setting, String text) {
    String place = places.getOrDefault(setting.name(), "");
    return place.isEmpty() ? text : place + ": " + text;
  }

  /** Returns whether a setting was given a value. */
  public boolean has(Setting<?> setting) {
    return values.containsKey(setting);
  }

  /** Returns the value of a setting, or its default. */
  public <T> T get(Setting<T> setting) {
    @SuppressWarnings("unchecked") // of() put in what the setting's own parser returned
    T value = (T) values.get(Objects.requireNonNull(setting, "setting"));
    return value == null ? setting.fallback() : value;
  }

  /** Returns the settings alone, without a loss. */
  private TrainingConfig copy() {
    TrainingConfig config = new TrainingConfig();
    config.values.putAll(values);
    config.places.putAll(places);
    config.data = data;
    return config;
  }

  /**
   * Returns these settings for a kind of device: on a GPU with bfloat16 unless they say otherwise.
   *
   * @throws InputException if they hold one that would be ignored there
   */
  public TrainingConfig on(boolean gpu) {
    TrainingConfig config = copy();
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
    TrainingConfig config = copy();
    config.loss = own;
    return config;
  }

  /**
   * Returns these settings with examples that a program gives, by the names that they have there.
   */
  TrainingConfig withData(Map<String, Iterable<? extends Example>> own) {
    TrainingConfig config = copy();
    config.lossParameters.putAll(lossParameters);
    config.loss = loss;
    config.data = Map.copyOf(own);
    return config;
  }

  /**
   * Returns the examples that a program gives, by the names under which the settings ask for them.
   */
  public Map<String, Iterable<? extends Example>> data() {
    return data;
  }

  /** Returns the loss that is trained with, all of its parameters filled in. */
  public LossDescription loss() {
    return loss;
  }

  /**
   * Returns the optimiser that is trained with.
   *
   * @throws IllegalArgumentException if its arguments are wrong, which {@link #of} has looked at
   */
  public OptimizerArguments optimizer() {
    return new OptimizerArguments(
        get(OptimSettings.OPTIM),
        get(OptimSettings.OPTIM_ARGS),
        new AdamW.Options(
            get(OptimSettings.ADAM_BETA1),
            get(OptimSettings.ADAM_BETA2),
            get(OptimSettings.ADAM_EPSILON),
            get(OptimSettings.WEIGHT_DECAY)));
  }

  /** Returns the parameters of the loss that were given. */
  public Map<String, Object> lossParameters() {
    return Map.copyOf(lossParameters);
  }

  /** Returns every setting as text, with defaults, and the loss as {@link #loss} resolves it. */
  public Map<String, String> asText() {
    Map<String, String> all = new LinkedHashMap<>();
    for (Setting<?> setting : Settings.all()) {
      if ((Settings.OF_ADAPTERS.contains(setting) && !get(Settings.USE_PEFT))
          || isOf(setting, OnPolicySettings.ON_POLICY, OnPolicySettings.PARTS)
          || isOf(setting, ReferenceSettings.SYNC, ReferenceSettings.PARTS)
          || (CourseSettings.ALL.contains(setting) && !has(setting))) {
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

  /** Returns whether a setting is one of a mode that is off. */
  private boolean isOf(Setting<?> setting, Setting<Boolean> mode, List<Setting<?>> parts) {
    return !get(mode) && (setting.equals(mode) || parts.contains(setting));
  }

  /** Returns the settings that decide what is trained, as text, those that name files too. */
  public Map<String, String> deciding() {
    Map<String, String> all = asText();
    Settings.all().stream().filter(setting -> !setting.shapes()).forEach(s -> all.remove(s.name()));
    return all;
  }

  /**
   * Returns the settings that decide what is trained, as text, without those that name files: what
   * counts is the contents; of a mix the weights, in their order, are kept.
   */
  public Map<String, String> shaping() {
    Map<String, String> all = deciding();
    Settings.BY_CONTENT.forEach(setting -> all.remove(setting.name()));
    all.computeIfPresent(
        Settings.DATASET_MIXER.name(),
        (name, text) -> get(Settings.DATASET_MIXER).values().toString());
    return all;
  }
}
