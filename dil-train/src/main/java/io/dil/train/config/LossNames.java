package io.dil.train.config;

import io.dil.losses.LossParameter;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names of losses' parameters, which are keys of a configuration too. */
final class LossNames {
  private LossNames() {}

  /** Returns the names and other names of a loss's parameters. */
  static List<String> parameters(LossSpec loss) {
    List<String> names = new ArrayList<>();
    for (LossParameter parameter : loss.parameters()) {
      names.add(parameter.name());
      names.addAll(parameter.aliases());
    }
    return names;
  }

  /** Returns the names of every loss's parameters. */
  static Set<String> allParameters() {
    Set<String> names = new LinkedHashSet<>();
    Losses.describe().forEach(loss -> names.addAll(parameters(loss)));
    return names;
  }

  /** Returns the losses that have a parameter of that name. */
  static List<String> with(String parameter) {
    return Losses.describe().stream()
        .filter(loss -> parameters(loss).contains(parameter))
        .map(LossSpec::name)
        .toList();
  }
}
