package io.dil.losses;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A named grid of a loss's parameters: the values that the paper's authors searched for each
 * baseline.
 *
 * @param name as in {@code paper-dpo}
 * @param loss the loss's name in {@link Losses}
 * @param values the values to try, by parameter; in the order of the paper
 */
public record SearchSpace(String name, String loss, Map<String, List<String>> values) {
  private static final List<String> SMALL_BETA = List.of("0.01", "0.05", "0.1");

  /** Xiao et al. 2025 (DIL), Table 5; DIL itself has nothing to search. */
  private static final List<SearchSpace> PAPER =
      List.of(
          of("dpo", "beta", SMALL_BETA),
          of("f-dpo", "beta", SMALL_BETA),
          of("ipo", "tau", List.of("0.01", "0.1", "0.5", "1.0")),
          of("cpo", "lambda", List.of("1.0"), "beta", SMALL_BETA),
          of(
              "slic",
              "lambda",
              List.of("0.1", "0.5", "1.0", "10.0"),
              "delta",
              List.of("0.5", "1.0", "2.0", "10.0")),
          of(
              "kto",
              "desirable_weight",
              List.of("1.0"),
              "undesirable_weight",
              List.of("1.0"),
              "beta",
              SMALL_BETA),
          of(
              "simpo",
              "beta",
              List.of("2.0", "2.5"),
              "gamma",
              List.of("0.3", "0.5", "1.0", "1.2", "1.4", "1.6")));

  /** Copies the lists. */
  public SearchSpace {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    values.forEach((parameter, list) -> copy.put(parameter, List.copyOf(list)));
    values = Collections.unmodifiableMap(copy);
  }

  /** Builds a space from alternating names and lists. */
  private static SearchSpace of(String loss, Object... namesAndValues) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      List<String> list = new ArrayList<>();
      for (Object value : (List<?>) namesAndValues[i + 1]) {
        list.add(value.toString());
      }
      values.put(namesAndValues[i].toString(), list);
    }
    return new SearchSpace("paper-" + loss, loss, values);
  }

  /** Returns the search spaces of the paper's baselines. */
  public static List<SearchSpace> paper() {
    return PAPER;
  }

  /**
   * Returns the search space with the given name.
   *
   * @throws IllegalArgumentException if there is none; the message names the nearest and all
   */
  public static SearchSpace named(String name) {
    List<String> names = PAPER.stream().map(SearchSpace::name).toList();
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          String.format(
              "preset must be one of %s, got %s%s",
              String.join(", ", names), name, Nearest.hint(name, names, " (nearest: ", ")")));
    }
    return PAPER.get(index);
  }

  /** Returns every combination of values, ready for {@link Losses#create(String, Map)}. */
  public List<Map<String, String>> combinations() {
    List<Map<String, String>> all = List.of(Map.of());
    for (Map.Entry<String, List<String>> entry : values.entrySet()) {
      List<Map<String, String>> next = new ArrayList<>();
      for (Map<String, String> partial : all) {
        for (String value : entry.getValue()) {
          Map<String, String> extended = new LinkedHashMap<>(partial);
          extended.put(entry.getKey(), value);
          next.add(extended);
        }
      }
      all = next;
    }
    return all;
  }
}
