package io.dil.train.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The further numbers of a {@link Schedule}, which are transformers' {@code lr_scheduler_kwargs}:
 * checked, with the defaults of its functions in {@code transformers/optimization.py}.
 *
 * @param type the shape that they belong to
 * @param given values by name, as numbers or text
 */
public record ScheduleNumbers(ScheduleType type, Map<String, Object> given) {
  private static final List<String> CURVES = List.of("linear", "cosine", "1-sqrt");

  /**
   * Checks names and values.
   *
   * @throws IllegalArgumentException that says what is wrong with which
   */
  public ScheduleNumbers {
    Map<String, Object> said = new LinkedHashMap<>(given);
    said.values().removeIf(Objects::isNull);
    given = Map.copyOf(said);
    NamedArguments.checkNames(type, type.numbers(), given.keySet());
    for (String name : new TreeSet<>(given.keySet())) {
      if (name.endsWith("_type")) {
        if (!CURVES.contains(given.get(name))) {
          throw new IllegalArgumentException(name + " of " + CURVES + ", got " + given.get(name));
        }
      } else if (!(NamedArguments.number(given, name, 0) >= 0)) {
        throw new IllegalArgumentException(name + " >= 0, got " + given.get(name));
      }
    }
    boolean least = type.numbers().contains("min_lr");
    if (least && given.containsKey("min_lr") == given.containsKey("min_lr_rate")) {
      throw new IllegalArgumentException("exactly one of min_lr and min_lr_rate");
    }
    if (type == ScheduleType.WARMUP_STABLE_DECAY && !given.containsKey("num_decay_steps")) {
      throw new IllegalArgumentException("num_decay_steps too, the steps of the fall at the end");
    }
  }

  /** Returns a shape without further numbers. */
  public static ScheduleNumbers none(ScheduleType type) {
    return new ScheduleNumbers(type, Map.of());
  }

  /** Returns whether a number was given. */
  boolean has(String name) {
    return given.containsKey(name);
  }

  /** Returns a number, or what it is where none is given. */
  double number(String name, double otherwise) {
    return NamedArguments.number(given, name, otherwise);
  }

  /** Returns a text, or what it is where none is given. */
  String text(String name, String otherwise) {
    return String.valueOf(given.getOrDefault(name, otherwise));
  }
}
