package io.dil.losses;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The values of all of a loss's parameters: those given, checked, and the defaults of the rest. */
public final class LossArguments {
  private final String loss;
  private final Map<String, Object> values = new HashMap<>();
  private final Set<String> given = new HashSet<>();

  /**
   * Reads {@code arguments}.
   *
   * @throws IllegalArgumentException if one is unknown, given twice (under two names), or out of
   *     range
   */
  LossArguments(String loss, List<LossParameter> parameters, Map<String, ?> arguments) {
    this.loss = loss;
    for (LossParameter parameter : parameters) {
      values.put(
          parameter.name(), parameter.domain().parse(parameter.name(), parameter.defaultValue()));
    }
    arguments.forEach(
        (key, value) -> {
          LossParameter parameter = find(parameters, key);
          String subject = loss + ": " + parameter.name();
          if (!given.add(parameter.name())) {
            throw new IllegalArgumentException(subject + " must be given once, got it twice");
          }
          values.put(parameter.name(), parameter.domain().parse(subject, value));
        });
  }

  private LossParameter find(List<LossParameter> parameters, String key) {
    List<String> names = new ArrayList<>();
    for (LossParameter parameter : parameters) {
      if (parameter.answersTo(key)) {
        return parameter;
      }
      names.add(parameter.name());
    }
    throw new IllegalArgumentException(
        String.format(
            "%s: parameter must be one of %s, got %s%s",
            loss, String.join(", ", names), key, Nearest.hint(key, names, " (nearest: ", ")")));
  }

  /** Returns every value as text, in the order of {@code parameters}. */
  Map<String, String> asText(List<LossParameter> parameters) {
    Map<String, String> text = new LinkedHashMap<>();
    for (LossParameter parameter : parameters) {
      Object value = value(parameter);
      text.put(
          parameter.name(), value instanceof Double number ? Domain.number(number) : "" + value);
    }
    return text;
  }

  /** Returns the value of a parameter that is a number. */
  public double number(LossParameter parameter) {
    return (Double) value(parameter);
  }

  /** Returns the value of a number that may be {@code none}; empty where it is. */
  public OptionalDouble optional(LossParameter parameter) {
    return value(parameter) instanceof Double number
        ? OptionalDouble.of(number)
        : OptionalDouble.empty();
  }

  /** Returns the value of a parameter that is one of a list of names. */
  public <E extends Enum<E>> E choice(LossParameter parameter, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (constant.toString().equals(value(parameter))) {
        return constant;
      }
    }
    throw new IllegalStateException(parameter.name() + " holds a name outside its domain");
  }

  /** Returns whether the parameter was given, rather than left at its default. */
  boolean given(LossParameter parameter) {
    return given.contains(parameter.name());
  }

  /**
   * Rejects a parameter that the chosen variant of the loss would ignore.
   *
   * @param condition what would make it used, in words
   */
  void rejectUnused(LossParameter parameter, String condition) {
    if (given(parameter)) {
      throw new IllegalArgumentException(
          String.format("%s: %s is used only with %s", loss, parameter.name(), condition));
    }
  }

  private Object value(LossParameter parameter) {
    Object value = values.get(parameter.name());
    if (value == null) {
      throw new IllegalStateException(loss + " declares no parameter " + parameter.name());
    }
    return value;
  }
}
