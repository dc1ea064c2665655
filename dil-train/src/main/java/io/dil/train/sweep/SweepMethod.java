package io.dil.train.sweep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A method that a sweep compares.
 *
 * @param name as the table calls it
 * @param settings its settings, over those of the base
 * @param metric what its best setting is chosen by
 * @param combinations the settings to try, in order; one without keys where there is nothing to try
 */
public record SweepMethod(
    String name,
    Map<String, Object> settings,
    SweepMetric metric,
    List<Map<String, Object>> combinations) {
  /** Copies the maps. */
  public SweepMethod {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    combinations = List.copyOf(combinations);
  }

  /** Returns each of some settings with each of others. */
  static List<Map<String, Object>> cross(
      List<Map<String, Object>> some, List<Map<String, Object>> others) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Map<String, Object> one : some) {
      for (Map<String, Object> other : others) {
        Map<String, Object> both = new LinkedHashMap<>(one);
        both.putAll(other);
        all.add(Collections.unmodifiableMap(both));
      }
    }
    return all;
  }
}
