package io.dil.train.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.dil.core.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One key of a run's configuration.
 *
 * @param name the key
 * @param fallback its value where none is given
 * @param shapes whether it changes what is trained, so that a run cannot be resumed under another
 *     value
 * @param help one line for {@code --help}: what it is, its unit, and where the default comes from
 * @param parser from what YAML or the command line holds to the value; throws with the rule it
 *     breaks
 * @param <T> the value's type
 */
public record Setting<T>(
    String name, T fallback, boolean shapes, String help, Function<Object, T> parser) {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /**
   * Parses a value.
   *
   * @throws InputException that names the key, the rule and the value
   */
  public T parse(Object value) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      String shown = value.toString().replaceAll("\\p{Cntrl}", "?");
      throw new InputException(name + " must be " + e.getMessage() + ", got '" + shown + "'", e);
    }
  }

  /** Returns this setting, changes of which do not keep a run from being resumed. */
  Setting<T> resumable() {
    return new Setting<>(name, fallback, false, help, parser);
  }

  static Setting<String> text(String name, String fallback, String help) {
    return new Setting<>(name, fallback, true, help, Setting::parseText);
  }

  /** Returns a setting whose text may have several lines. */
  static Setting<String> lines(String name, String help) {
    return new Setting<>(
        name,
        "",
        true,
        help,
        value -> {
          require(value instanceof String, "text");
          return value.toString();
        });
  }

  /** Returns a setting of one or several names, which are one text: {@code a+b}. */
  static Setting<String> joined(String name, String fallback, String help) {
    return new Setting<>(
        name,
        fallback,
        true,
        help,
        value -> {
          List<String> names = parseTexts(value);
          if (names.size() == 1 && names.get(0).startsWith("[") && names.get(0).endsWith("]")) {
            // A list as a command line has it.
            names = List.of(names.get(0).substring(1, names.get(0).length() - 1).split(",", -1));
          }
          require(!names.isEmpty(), "a name, or a list of names");
          return names.stream().map(String::trim).collect(Collectors.joining("+"));
        });
  }

  /** Returns a setting of how often something is done. */
  static Setting<Interval> interval(String name, int fallback, String help) {
    return new Setting<>(
        name,
        new Interval(fallback),
        true,
        help,
        value -> {
          double number = parseNumber(value);
          boolean whole = number == Math.rint(number) && number <= Integer.MAX_VALUE;
          require(
              number >= 0 && (number < 1 || whole),
              "a whole number of steps, or a share of the run below 1");
          return new Interval(number);
        });
  }

  static Setting<Boolean> flag(String name, boolean fallback, String help) {
    return new Setting<>(name, fallback, true, help, Setting::parseFlag);
  }

  static Setting<Integer> integer(String name, int fallback, int least, String help) {
    return new Setting<>(
        name,
        fallback,
        true,
        help,
        value -> {
          double number = parseNumber(value);
          require(
              number == Math.rint(number) && number >= least && number <= Integer.MAX_VALUE,
              "an integer >= " + least);
          return (int) number;
        });
  }

  static Setting<Double> number(
      String name, double fallback, double least, double most, String help) {
    return new Setting<>(
        name,
        fallback,
        true,
        help,
        value -> {
          double number = parseNumber(value);
          require(
              number >= least && number <= most,
              most == Double.MAX_VALUE
                  ? "a number >= " + least
                  : "a number in [" + least + ", " + most + "]");
          return number;
        });
  }

  static <E extends Enum<E>> Setting<E> choice(String name, E fallback, String help) {
    List<E> constants = Arrays.asList(fallback.getDeclaringClass().getEnumConstants());
    return new Setting<>(
        name,
        fallback,
        true,
        help,
        value ->
            constants.stream()
                .filter(constant -> spelled(constant).equals(value.toString()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            constants.stream()
                                .map(Setting::spelled)
                                .collect(Collectors.joining(", ", "one of [", "]")))));
  }

  static Setting<List<String>> texts(String name, String help) {
    return new Setting<>(name, List.of(), true, help, Setting::parseTexts);
  }

  static Setting<Map<String, Double>> weights(String name, String help) {
    return new Setting<>(name, Map.of(), true, help, Setting::parseWeights);
  }

  static Setting<Map<String, Object>> values(String name, String help) {
    return new Setting<>(name, Map.of(), true, help, Setting::parseValues);
  }

  /**
   * Returns how a value is written in YAML; what is done always or never is true or false. A
   * constant with a name of its own is written by that.
   */
  static String spelled(Object value) {
    if (!(value instanceof Enum<?> constant)) {
      return value.toString();
    }
    return switch (constant.name()) {
      case "ALWAYS" -> "true";
      case "NEVER" -> "false";
      default -> constant.toString().toLowerCase(Locale.ROOT);
    };
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }

  private static double parseNumber(Object value) {
    try {
      // Text too: YAML 1.1 takes 5e-7, which has no point, for a string.
      return Double.parseDouble(value.toString().trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a number", e);
    }
  }

  private static boolean parseFlag(Object value) {
    String text = value.toString();
    require(text.equals("true") || text.equals("false"), "true or false");
    return text.equals("true");
  }

  private static String parseText(@Nullable Object value) {
    require(value instanceof String || value instanceof Number || value instanceof Boolean, "text");
    String text = String.valueOf(value);
    require(text.chars().noneMatch(Character::isISOControl), "text without control characters");
    return text;
  }

  static List<String> parseTexts(Object value) {
    if (value instanceof List<?> list) {
      List<String> texts = new ArrayList<>();
      // Not by a stream, which would trip over an empty entry.
      for (Object one : list) {
        texts.add(parseText(one));
      }
      return List.copyOf(texts);
    }
    String text = parseText(value).trim();
    return text.isEmpty() ? List.of() : List.of(text);
  }

  static Map<String, Object> parseValues(Object value) {
    Object given = value;
    if (value instanceof String text) {
      try {
        given = YAML.readValue(text, Object.class);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("a map of NAME: value", e);
      }
    }
    if (!(given instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("a map of NAME: value");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    map.forEach((key, entry) -> values.put(key.toString(), entry));
    return values;
  }

  private static Map<String, Double> parseWeights(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("a map of SPEC: weight");
    }
    Map<String, Double> weights = new LinkedHashMap<>();
    map.forEach(
        (spec, weight) -> {
          require(weight != null, "a map of SPEC: weight");
          weights.put(parseText(spec), parseNumber(weight));
        });
    return weights;
  }
}
