package io.dil.train.cli;

import io.dil.losses.LossParameter;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code dil loss --list} shows. */
final class LossListing {
  private LossListing() {}

  /** Returns every loss as data for JSON. */
  static List<Map<String, Object>> asData() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (LossSpec spec : Losses.describe()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", spec.name());
      entry.put("aliases", spec.aliases());
      entry.put("example", spec.shape().toString());
      entry.put("reduction", spec.reduction().toString());
      entry.put("reduction_source", spec.reductionSource());
      entry.put("needs_reference", spec.needsReference());
      entry.put("coupled", spec.coupled());
      entry.put("parameters", spec.parameters().stream().map(LossListing::asData).toList());
      entry.put("formula", spec.formula());
      entry.put("source", spec.source());
      entry.put(
          "presets",
          SearchSpace.paper().stream()
              .filter(space -> space.loss().equals(spec.name()))
              .collect(Collectors.toMap(SearchSpace::name, SearchSpace::values)));
      all.add(entry);
    }
    return all;
  }

  private static Map<String, Object> asData(LossParameter parameter) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", parameter.name());
    entry.put("default", value(parameter));
    entry.put("allowed", parameter.domain().toString());
    entry.put("aliases", parameter.aliases());
    entry.put("description", parameter.description());
    entry.put("source", parameter.source());
    return entry;
  }

  /** A number as a number, so that a reader need not parse it again. */
  private static Object value(LossParameter parameter) {
    boolean text = !parameter.domain().names().isEmpty() || parameter.domain().allowsNone();
    return text ? parameter.defaultValue() : Double.valueOf(parameter.defaultValue());
  }

  /** Returns one loss as a paragraph. */
  static String asText(LossSpec spec) {
    String parameters =
        spec.parameters().stream()
            .map(parameter -> parameter.name() + "=" + parameter.defaultValue())
            .collect(Collectors.joining(" "));
    return String.join(
        System.lineSeparator(),
        spec.name() + (spec.needsReference() ? "" : " (no reference)"),
        "  " + spec.formula(),
        "  " + parameters,
        "  " + spec.source());
  }
}
