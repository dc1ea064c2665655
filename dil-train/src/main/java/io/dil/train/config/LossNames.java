package io.dil.train.config;

import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names of losses' parameters, which are keys of a configuration too. */
final class LossNames {
  private LossNames() {}

  /** Returns the names of every loss's parameters. */
  static Set<String> allParameters() {
    Set<String> names = new LinkedHashSet<>();
    Losses.describe().forEach(loss -> names.addAll(loss.parameterNames()));
    names.add(Losses.weightsName());
    return names;
  }

  /** Returns whether a key is a parameter of some loss, or {@code LOSS.PARAMETER} of a mixture. */
  static boolean has(String key) {
    return allParameters().contains(key.substring(key.lastIndexOf('.') + 1));
  }

  /** Returns the losses that have a parameter of that name. */
  static List<String> with(String parameter) {
    return Losses.describe().stream()
        .filter(loss -> loss.parameterNames().contains(parameter))
        .map(LossSpec::name)
        .toList();
  }
}
