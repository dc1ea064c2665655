package io.dil.train.config;

import io.dil.core.InputException;
import io.dil.data.Example;
import io.dil.data.format.JavaExamples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the settings of a run in a program. What can be set is every {@link Setting} of {@link
 * Settings#all}, by its constant, so that the compiler knows the value's type:
 *
 * <pre>{@code
 * TrainingConfig config =
 *     TrainingConfig.builder()
 *         .set(Settings.MODEL, "models/my-sft-model")
 *         .set(Settings.OUTPUT_DIR, "runs/dil")
 *         .set(Settings.LEARNING_RATE, 1e-6)
 *         .examples(pairs)
 *         .build();
 * }</pre>
 *
 * <p>For one thread at a time. What it builds never changes.
 */
public final class ConfigBuilder {
  private static final AtomicLong NUMBER = new AtomicLong();

  private final Map<String, Object> values = new LinkedHashMap<>();
  private @Nullable Iterable<? extends Example> examples;
  private @Nullable Iterable<? extends Example> heldOut;

  ConfigBuilder() {}

  /** Sets a setting; one that was set already gets the new value. */
  public <T> ConfigBuilder set(Setting<T> setting, T value) {
    Objects.requireNonNull(setting, "setting");
    values.put(setting.name(), written(Objects.requireNonNull(value, setting.name())));
    return this;
  }

  /**
   * Sets a parameter of the loss.
   *
   * @param name as {@code dil loss --list} has it
   * @param value a number, true or false, or text
   */
  public ConfigBuilder lossParameter(String name, Object value) {
    Objects.requireNonNull(name, "name");
    values.put(name, written(Objects.requireNonNull(value, name)));
    return this;
  }

  /**
   * Trains on a program's own examples, instead of data that {@code dataset_name} names. They are
   * gone through once an epoch and once to tell, where a run goes on, whether they are still the
   * same; so every iterator must give the same examples in the same order. Nothing is held in
   * memory that the iterable does not hold itself.
   */
  public ConfigBuilder examples(Iterable<? extends Example> wanted) {
    examples = Objects.requireNonNull(wanted, "examples");
    return this;
  }

  /** Trains on the examples of a stream, which is read now, to its end, into memory. */
  public ConfigBuilder examples(Stream<? extends Example> wanted) {
    return examples(list(wanted, "examples"));
  }

  /** Evaluates on a program's own examples, instead of what {@code eval_dataset_name} names. */
  public ConfigBuilder heldOut(Iterable<? extends Example> wanted) {
    heldOut = Objects.requireNonNull(wanted, "held-out examples");
    return this;
  }

  /** Evaluates on the examples of a stream, which is read now, to its end, into memory. */
  public ConfigBuilder heldOut(Stream<? extends Example> wanted) {
    return heldOut(list(wanted, "held-out examples"));
  }

  /**
   * Checks what was set.
   *
   * @throws InputException that names every setting with which something is wrong, and what
   */
  public TrainingConfig build() {
    Map<String, Object> all = new LinkedHashMap<>(values);
    Map<String, Iterable<? extends Example>> data = new LinkedHashMap<>();
    put(examples, "examples", Settings.DATASET, all, data);
    put(heldOut, "held-out", Settings.EVAL_DATASET, all, data);
    return TrainingConfig.of(all).withData(data);
  }

  private static void put(
      @Nullable Iterable<? extends Example> given,
      String name,
      Setting<?> setting,
      Map<String, Object> all,
      Map<String, Iterable<? extends Example>> data) {
    if (given == null) {
      return;
    }
    if (all.containsKey(setting.name())) {
      throw new InputException(
          setting.name() + " would be ignored: the program gives examples of its own");
    }
    // A number, so that runs beside each other do not take each other's.
    String unique = name + "-" + NUMBER.incrementAndGet();
    all.put(setting.name(), JavaExamples.FORMAT + ":" + unique);
    data.put(unique, given);
  }

  private static List<Example> list(Stream<? extends Example> wanted, String name) {
    List<Example> read = new ArrayList<>();
    try (Stream<? extends Example> open = Objects.requireNonNull(wanted, name)) {
      open.forEach(example -> read.add(Objects.requireNonNull(example, name)));
    }
    return List.copyOf(read);
  }

  /** Returns a value as YAML holds it. */
  private static Object written(Object value) {
    if (value instanceof Interval interval) {
      return interval.value();
    }
    return value instanceof Enum<?> ? Setting.spelled(value) : value;
  }
}
