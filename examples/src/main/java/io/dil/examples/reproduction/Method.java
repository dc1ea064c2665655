package io.dil.examples.reproduction;

import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.losses.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A loss with what the protocol lets it search.
 *
 * @param name as tables call it
 * @param loss as {@link Losses} calls it
 * @param fixed parameters that are not searched
 * @param settings what is searched, without the fixed ones; one empty map if nothing is
 * @param standard the setting that is the default
 * @param role what the decisions count it as
 */
record Method(
    String name,
    String loss,
    Map<String, String> fixed,
    List<Map<String, String>> settings,
    Map<String, String> standard,
    Role role) {

  /** What a method is in the decisions. */
  enum Role {
    /** A loss of the paper, as it trains with it. */
    DIL,
    /** A loss of the same family that is not the paper's, or the paper's with both responses. */
    FAMILY,
    /** One of the seven that C6 compares with. */
    BASELINE,
    /** Supervised training on the chosen answers. */
    SFT
  }

  /** The methods of the protocol, in its order. */
  static final List<Method> ALL =
      List.of(
          plain("dil-lsif", Role.DIL),
          plain("dil-ukl", Role.DIL),
          plain("dil-bce", Role.DIL),
          plain("dil-power", Role.FAMILY),
          plain("dil-rulsif", Role.FAMILY),
          both("dil-lsif"),
          both("dil-ukl"),
          both("dil-bce"),
          searched("dpo", Map.of(), "beta", "0.1"),
          searched("f-dpo", Map.of("divergence", "js"), "beta", "0.1"),
          searched("ipo", Map.of(), "tau", "0.1"),
          searched("slic", Map.of(), "lambda", "0.1", "delta", "1.0"),
          searched("cpo", Map.of(), "beta", "0.1"),
          searched("simpo", Map.of(), "beta", "2.0", "gamma", "0.5"),
          searched("kto", Map.of(), "beta", "0.1"),
          plain("sft", Role.SFT));

  static Method named(String name) {
    return ALL.stream().filter(method -> method.name.equals(name)).findFirst().orElseThrow();
  }

  private static Method plain(String loss, Role role) {
    return new Method(loss, loss, Map.of(), List.of(Map.of()), Map.of(), role);
  }

  private static Method both(String loss) {
    Map<String, String> fixed = Map.of("reference_samples", "both");
    return new Method(loss + " both", loss, fixed, List.of(Map.of()), Map.of(), Role.FAMILY);
  }

  /** Takes the paper's search space, whose setting with the given values is the default. */
  private static Method searched(String loss, Map<String, String> fixed, String... standard) {
    List<Map<String, String>> settings = new ArrayList<>();
    SearchSpace space = SearchSpace.named("paper-" + loss);
    Map<String, String> found = Map.of();
    for (Map<String, String> combination : space.combinations()) {
      Map<String, String> setting = new LinkedHashMap<>();
      combination.forEach(
          (parameter, value) -> {
            // Of one value alone nothing is searched.
            if (space.values().getOrDefault(parameter, List.of()).size() > 1) {
              setting.put(parameter, value);
            }
          });
      settings.add(setting);
      boolean matches = true;
      for (int i = 0; i < standard.length; i += 2) {
        matches &= standard[i + 1].equals(setting.get(standard[i]));
      }
      found = matches ? setting : found;
    }
    if (found.isEmpty()) {
      throw new IllegalStateException("default of " + loss + " must be in its search space");
    }
    return new Method(loss, loss, fixed, settings, found, Role.BASELINE);
  }

  /** Returns the loss with a setting. */
  PreferenceLoss create(Map<String, String> setting) {
    Map<String, String> parameters = new LinkedHashMap<>(fixed);
    parameters.putAll(setting);
    return Losses.create(loss, parameters);
  }

  /** Returns whether its reference answers can come from both responses of a pair alone. */
  boolean needsPreferencePairs() {
    return fixed.containsKey("reference_samples");
  }
}
