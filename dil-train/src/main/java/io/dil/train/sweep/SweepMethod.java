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
 * @param search the values to try, by key, in the order of the file
 */
public record SweepMethod(
    String name, Map<String, Object> settings, Map<String, List<Object>> search) {
  /** Copies the maps. */
  public SweepMethod {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    search = Collections.unmodifiableMap(new LinkedHashMap<>(search));
  }

  /** Returns every combination of the values; one without keys where there is nothing to try. */
  public List<Map<String, Object>> combinations() {
    List<Map<String, Object>> all = List.of(Map.of());
    for (Map.Entry<String, List<Object>> tried : search.entrySet()) {
      List<Map<String, Object>> next = new ArrayList<>();
      for (Map<String, Object> partial : all) {
        for (Object value : tried.getValue()) {
          Map<String, Object> extended = new LinkedHashMap<>(partial);
          extended.put(tried.getKey(), value);
          next.add(extended);
        }
      }
      all = next;
    }
    return all;
  }
}
