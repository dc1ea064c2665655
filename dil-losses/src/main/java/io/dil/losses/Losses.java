package io.dil.losses;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The one list of losses that have a name.
 *
 * <p>A new loss is one file, which holds its own description, and one line here; that line also
 * enrols it in the contract tests. A loss of a user is a {@link LossProvider}, found on the class
 * path. Names are matched without regard to case, with {@code _} for {@code -}.
 */
public final class Losses {
  private static final List<LossSpec> OWN =
      List.of(
          DilLsif.SPEC,
          DilUkl.SPEC,
          DilBce.SPEC,
          DilKliep.SPEC,
          DilPower.SPEC,
          DilRulsif.SPEC,
          Dpo.SPEC,
          FDpo.SPEC,
          Ipo.SPEC,
          Slic.SPEC,
          Cpo.SPEC,
          Simpo.SPEC,
          AlphaPo.SPEC,
          Simper.SPEC,
          Kto.SPEC,
          KtoPair.SPEC,
          Hinge.SPEC,
          RobustDpo.SPEC,
          Orpo.SPEC,
          BcoPair.SPEC,
          NcaPair.SPEC,
          ExoPair.SPEC,
          ApoZero.SPEC,
          ApoZeroUnpaired.SPEC,
          ApoDown.SPEC,
          SppoHard.SPEC,
          Aot.SPEC,
          AotUnpaired.SPEC,
          Discopop.SPEC,
          RewardBt.SPEC,
          Sft.SPEC);

  private static final List<LossSpec> ALL = withServices();

  private static final Map<String, LossSpec> BY_NAME = index();

  private Losses() {}

  /** Adds the losses that are found on the class path, after our own. */
  private static List<LossSpec> withServices() {
    List<LossSpec> all = new ArrayList<>(OWN);
    ServiceLoader.load(LossProvider.class).forEach(provider -> all.add(provider.spec()));
    return List.copyOf(all);
  }

  private static Map<String, LossSpec> index() {
    Map<String, LossSpec> index = new LinkedHashMap<>();
    for (LossSpec spec : ALL) {
      List<String> names = new ArrayList<>(spec.aliases().keySet());
      names.add(spec.name());
      for (String name : names) {
        if (index.put(name, spec) != null) {
          throw new IllegalStateException("two losses are called " + name);
        }
      }
    }
    return index;
  }

  /** Returns every loss's description, in the order of the documentation. */
  public static List<LossSpec> describe() {
    return ALL;
  }

  /** Returns every loss's name, without aliases. */
  public static List<String> names() {
    return ALL.stream().map(LossSpec::name).toList();
  }

  /**
   * Returns the description of the loss with the given name or alias, or of the mixture with the
   * given names, {@code first+second+…}.
   *
   * @throws IllegalArgumentException if there is none; the message names the nearest and all
   */
  public static LossSpec describe(String name) {
    if (name.contains(NamedMixture.PLUS)) {
      return LossSpec.of(new NamedMixture(Arrays.asList(name.split("\\+", -1))));
    }
    LossSpec spec = BY_NAME.get(canonical(name));
    if (spec == null) {
      throw new IllegalArgumentException(
          String.format(
              "loss must be one of %s, got %s%s",
              String.join(", ", names()),
              name,
              Nearest.hint(canonical(name), BY_NAME.keySet(), " (nearest: ", ")")));
    }
    return spec;
  }

  /** Returns the loss with the given name and its published defaults. */
  public static PreferenceLoss create(String name) {
    return create(name, Map.of());
  }

  /**
   * Returns the loss with the given name and parameters.
   *
   * @param name a name or alias; an alias's own parameters ({@code cdpo}) yield to those given
   * @param parameters values by parameter name, as numbers or text; the rest keep their defaults
   * @throws IllegalArgumentException if the name or a parameter is unknown, or a value is out of
   *     range
   */
  public static PreferenceLoss create(String name, Map<String, ?> parameters) {
    return describe(name).create(arguments(name, parameters));
  }

  /**
   * Returns what a name and parameters stand for: the loss's own name, and the value of every
   * parameter, whatever name it was given under, with an alias's own and the defaults filled in.
   *
   * @throws IllegalArgumentException as {@link #create(String, Map)} does
   */
  public static LossDescription resolve(String name, Map<String, ?> parameters) {
    return describe(name).resolved(arguments(name, parameters));
  }

  private static Map<String, Object> arguments(String name, Map<String, ?> parameters) {
    LossSpec spec = describe(name);
    Map<String, Object> arguments = new LinkedHashMap<>(parameters);
    Map<String, String> implied = spec.aliases().getOrDefault(canonical(name), Map.of());
    for (LossParameter parameter : spec.parameters()) {
      String value = implied.get(parameter.name());
      if (value != null && parameters.keySet().stream().noneMatch(parameter::answersTo)) {
        arguments.put(parameter.name(), value);
      }
    }
    return arguments;
  }

  /**
   * Returns a weighted mixture of named losses, as TRL's {@code loss_type} and {@code loss_weights}
   * lists give it.
   *
   * @param names names or aliases of losses of pairs or of demonstrations
   * @param weights one positive number a name
   * @param parameters values by parameter name; each goes to every component that knows it, and
   *     {@code name.parameter} to the component of that name alone
   * @throws IllegalArgumentException if the lists differ in length, a parameter belongs to no
   *     component, or anything that {@link #create(String, Map)} rejects
   */
  public static PairwiseLoss mixture(
      List<String> names, List<Double> weights, Map<String, ?> parameters) {
    Map<String, Object> all = new LinkedHashMap<>(parameters);
    all.put(NamedMixture.WEIGHTS, weights);
    return new NamedMixture(names).create(all);
  }

  /** Returns the parameter of a mixture that holds its losses' weights. */
  public static String weightsName() {
    return NamedMixture.WEIGHTS;
  }

  static String canonical(String name) {
    return name.trim().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
