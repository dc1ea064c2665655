package io.dil.losses;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A mixture by the names of its losses: Σᵢ wᵢ Lᵢ, called {@code first+second+…}.
 *
 * <p>A parameter goes to every component that knows it, or, as {@code component.parameter}, to one
 * alone. The weights are the parameter {@value #WEIGHTS}, a number a loss.
 *
 * <p>Source: TRL's {@code loss_type} and {@code loss_weights} lists; MPO, Wang et al. 2024, arXiv
 * 2411.10442, eq. 1.
 */
final class NamedMixture {
  /** The parameter that holds the weights. */
  static final String WEIGHTS = "loss_weights";

  /** What stands between the names. */
  static final String PLUS = "+";

  private static final String DOT = ".";

  private final List<String> names = new ArrayList<>();
  private final List<LossSpec> specs = new ArrayList<>();

  /**
   * Looks the components up.
   *
   * @throws IllegalArgumentException if a name is unknown, or stands there twice
   */
  NamedMixture(List<String> given) {
    for (String name : given) {
      LossSpec spec = Losses.describe(name);
      if (specs.contains(spec)) {
        throw new IllegalArgumentException(
            "mixture must name a loss once, got " + spec.name() + " twice");
      }
      names.add(name.trim());
      specs.add(spec);
    }
  }

  String name() {
    return specs.stream().map(LossSpec::name).collect(Collectors.joining(PLUS));
  }

  List<LossSpec> specs() {
    return specs;
  }

  /** Returns the names that parameters have here, those of all components first. */
  List<String> parameterNames() {
    Set<String> all = new LinkedHashSet<>();
    for (LossSpec spec : specs) {
      spec.parameters().stream()
          .filter(each -> !each.equals(LossSpec.RPO_ALPHA))
          .forEach(each -> all.add(each.name()));
    }
    all.add(WEIGHTS);
    return List.copyOf(all);
  }

  /** Returns whether a component knows a parameter by that name, or by its own before a dot. */
  boolean knows(String key) {
    return key.equals(WEIGHTS) || takers(key).stream().anyMatch(taker -> taker);
  }

  /** Returns for each component whether it takes the parameter. */
  private List<Boolean> takers(String key) {
    int dot = key.lastIndexOf(DOT);
    String name = key.substring(dot + 1);
    List<Boolean> takers = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      LossSpec spec = specs.get(i);
      boolean addressed =
          dot < 0
              || Losses.canonical(key.substring(0, dot)).equals(spec.name())
              || Losses.canonical(key.substring(0, dot)).equals(Losses.canonical(names.get(i)));
      // The likelihood has a component and a weight of its own here.
      takers.add(addressed && spec.knows(name) && !LossSpec.RPO_ALPHA.answersTo(name));
    }
    return takers;
  }

  /**
   * Makes the mixture.
   *
   * @throws IllegalArgumentException if a parameter belongs to no component, a component can be
   *     none, or anything that a component rejects
   */
  PairwiseLoss create(Map<String, ?> parameters) {
    List<Map<String, Object>> own = divided(parameters);
    List<Double> weights = weights(parameters.get(WEIGHTS));
    List<Mixture.Component> components = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      components.add(
          new Mixture.Component(weights.get(i), Losses.create(names.get(i), own.get(i))));
    }
    return new Mixture(components);
  }

  /** Returns the mixture with the value of every parameter of every component. */
  LossDescription resolved(Map<String, ?> parameters) {
    create(parameters);
    List<Map<String, Object>> own = divided(parameters);
    List<Double> weights = weights(parameters.get(WEIGHTS));
    Map<String, String> all = new LinkedHashMap<>();
    List<String> formulas = new ArrayList<>();
    Set<String> sources = new LinkedHashSet<>();
    all.put(WEIGHTS, weights.stream().map(Domain::number).toList().toString());
    for (int i = 0; i < specs.size(); i++) {
      LossDescription part = Losses.resolve(names.get(i), own.get(i));
      part.parameters()
          .forEach(
              (name, value) -> {
                // One that cannot be set is no parameter.
                if (!name.equals(LossSpec.RPO_ALPHA.name()) || !value.equals("0")) {
                  all.put(part.name() + DOT + name, value);
                }
              });
      formulas.add(Domain.number(weights.get(i)) + " (" + part.formula() + ")");
      sources.add(part.source());
    }
    return new LossDescription(
        name(), all, String.join(" + ", formulas), String.join("; ", sources));
  }

  private List<Map<String, Object>> divided(Map<String, ?> parameters) {
    List<Map<String, Object>> own = new ArrayList<>();
    specs.forEach(spec -> own.add(new LinkedHashMap<>()));
    // One for a component alone outweighs one for all, whatever their order.
    for (boolean alone : new boolean[] {false, true}) {
      parameters.forEach(
          (key, value) -> {
            if (key.contains(DOT) == alone && !key.equals(WEIGHTS)) {
              give(key, value, own);
            }
          });
    }
    return own;
  }

  private void give(String key, Object value, List<Map<String, Object>> own) {
    List<Boolean> takers = takers(key);
    if (!takers.contains(true)) {
      throw new IllegalArgumentException(
          String.format(
              "%s: parameter must belong to one of %s, got %s",
              name(), specs.stream().map(LossSpec::name).collect(Collectors.joining(", ")), key));
    }
    for (int i = 0; i < specs.size(); i++) {
      if (takers.get(i)) {
        LossParameter parameter = specs.get(i).parameter(key.substring(key.lastIndexOf(DOT) + 1));
        own.get(i).put(parameter.name(), value);
      }
    }
  }

  /** Reads weights as a list, or as its text; without any, each is 1, as in TRL. */
  private List<Double> weights(@Nullable Object given) {
    if (given == null) {
      return specs.stream().map(spec -> 1.0).toList();
    }
    List<String> texts =
        given instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : Arrays.asList(given.toString().replaceAll("[\\[\\]\\s]", "").split(",", -1));
    if (texts.size() != specs.size()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s must be %d numbers, one a loss, got %s",
              name(), WEIGHTS, specs.size(), texts));
    }
    List<Double> weights = new ArrayList<>();
    for (String text : texts) {
      weights.add((Double) Mixture.Component.WEIGHT.parse(name() + ": " + WEIGHTS + " each", text));
    }
    return weights;
  }
}
