package io.dil.losses;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The description of a loss in the list: its names, parameters, formula and source, and how it is
 * made.
 *
 * <p>Each loss's file holds its own; {@link Losses} only collects them.
 */
public final class LossSpec {
  static final LossParameter RPO_ALPHA =
      LossParameter.number(
              "rpo_alpha",
              0,
              Domain.atLeast(0),
              "weight of the length-normalised negative log-likelihood of the chosen response, added to the loss",
              "Pang et al. 2024 (RPO), arXiv 2404.19733, eq. 1; 0 = the loss as published")
          .alsoKnownAs("sft_weight");

  private final String name;
  private final LossShape shape;
  private final Map<String, Map<String, String>> aliases;
  private final List<LossParameter> parameters;
  private final String formula;
  private final String source;
  private final String reductionSource;
  private final Function<LossArguments, PreferenceLoss> factory;
  private final @Nullable NamedMixture mixture;

  private LossSpec(Builder builder, Function<LossArguments, PreferenceLoss> factory) {
    this.name = builder.name;
    this.shape = builder.shape;
    this.aliases = Collections.unmodifiableMap(builder.aliases);
    this.parameters = List.copyOf(builder.parameters);
    this.formula = builder.formula;
    this.source = builder.source;
    this.reductionSource = builder.reductionSource;
    this.factory = factory;
    mixture = null;
  }

  private LossSpec(NamedMixture mixture) {
    this.mixture = mixture;
    name = mixture.name();
    shape = LossShape.PAIR;
    aliases = Map.of();
    parameters = List.of();
    LossDescription whole = mixture.resolved(Map.of());
    formula = whole.formula();
    source = whole.source();
    reductionSource = "each loss its own";
    factory = values -> mixture.create(Map.of());
  }

  /**
   * Describes a mixture; it has no parameters of its own, see {@link #knows}.
   *
   * @throws IllegalArgumentException if one of its losses can be in none
   */
  static LossSpec of(NamedMixture mixture) {
    return new LossSpec(mixture);
  }

  /** Begins the description of a loss of preference pairs. */
  public static Builder pair(String name) {
    return new Builder(name, LossShape.PAIR);
  }

  /** Begins the description of a loss of single responses with a label. */
  public static Builder labelled(String name) {
    return new Builder(name, LossShape.LABELLED);
  }

  /** Begins the description of a loss of single responses to learn from. */
  public static Builder demonstration(String name) {
    return new Builder(name, LossShape.DEMONSTRATION);
  }

  /** Returns the name in the list. */
  public String name() {
    return name;
  }

  /** Returns what one example is. */
  public LossShape shape() {
    return shape;
  }

  /**
   * Returns the other names by which the loss is found, each with the parameters that the name
   * implies ({@code cdpo} is {@code dpo} with label smoothing).
   */
  public Map<String, Map<String, String>> aliases() {
    return aliases;
  }

  /** Returns all parameters, {@code reduction} last. */
  public List<LossParameter> parameters() {
    return parameters;
  }

  /** Returns the formula in plain text, in the notation of the package's description. */
  public String formula() {
    return formula;
  }

  /** Returns paper and equation. */
  public String source() {
    return source;
  }

  /** Returns where the default reduction comes from. */
  public String reductionSource() {
    return reductionSource;
  }

  /** Returns the default reduction. */
  public Reduction reduction() {
    return defaults().reduction();
  }

  /** Returns whether the loss needs a reference model. */
  public boolean needsReference() {
    return defaults().needsReference();
  }

  /** Returns whether the loss trains a reward model. */
  public boolean takesRewards() {
    return defaults().takesRewards();
  }

  /** Returns whether the loss of one example depends on the others of its batch. */
  public boolean coupled() {
    return defaults().coupled();
  }

  /**
   * Returns whether one of the parameters goes by that name; in a mixture those of all of its
   * losses do, {@code NAME.PARAMETER} for one loss alone, and the weights.
   */
  public boolean knows(String parameter) {
    return mixture == null
        ? parameters.stream().anyMatch(each -> each.answersTo(parameter))
        : mixture.knows(parameter);
  }

  /** Returns the names of all parameters, and what else they are called. */
  public List<String> parameterNames() {
    if (mixture != null) {
      return mixture.parameterNames();
    }
    List<String> names = new ArrayList<>();
    for (LossParameter parameter : parameters) {
      names.add(parameter.name());
      names.addAll(parameter.aliases());
    }
    return names;
  }

  /** Returns the losses of a mixture; of any other loss itself. */
  public List<LossSpec> parts() {
    return mixture == null ? List.of(this) : mixture.specs();
  }

  /** Returns the parameter that goes by a name. */
  LossParameter parameter(String called) {
    return parameters.stream().filter(each -> each.answersTo(called)).findFirst().orElseThrow();
  }

  private PreferenceLoss defaults() {
    return create(Map.of());
  }

  /**
   * Returns the loss with the given parameters.
   *
   * @param arguments values by parameter name, as numbers or text
   * @throws IllegalArgumentException if a parameter is unknown, unused by this variant, or out of
   *     range
   */
  public PreferenceLoss create(Map<String, ?> arguments) {
    if (mixture != null) {
      return mixture.create(arguments);
    }
    LossArguments values = new LossArguments(name, parameters, arguments);
    PreferenceLoss loss = factory.apply(values);
    if (loss instanceof PairwiseLoss pairwise
        && parameters.contains(RPO_ALPHA)
        && values.number(RPO_ALPHA) > 0) {
      return Mixture.withDemonstrations(pairwise, values.number(RPO_ALPHA));
    }
    return loss;
  }

  /** Returns this description with the value of every parameter. */
  LossDescription resolved(Map<String, ?> arguments) {
    if (mixture != null) {
      return mixture.resolved(arguments);
    }
    // Made and thrown away: a value may be wrong together with another one only.
    create(arguments);
    LossArguments values = new LossArguments(name, parameters, arguments);
    return new LossDescription(name, values.asText(parameters), formula, source);
  }

  /** Collects a description; each method is called once. */
  public static final class Builder {
    private final String name;
    private final LossShape shape;
    private final Map<String, Map<String, String>> aliases = new LinkedHashMap<>();
    private final List<LossParameter> parameters = new ArrayList<>();
    private boolean takesDemonstrations;
    private String formula = "";
    private String source = "";
    private String reductionSource = "";

    private Builder(String name, LossShape shape) {
      this.name = name;
      this.shape = shape;
      this.takesDemonstrations = shape == LossShape.PAIR;
    }

    /** Adds another name by which the loss is found. */
    public Builder alias(String alias) {
      return alias(alias, Map.of());
    }

    /** Adds another name, which implies values of parameters. */
    public Builder alias(String alias, Map<String, String> implied) {
      aliases.put(alias, implied);
      return this;
    }

    /** Says what is computed for an example. */
    public Builder formula(String text) {
      formula = text;
      return this;
    }

    /** Names paper and equation. */
    public Builder source(String text) {
      source = text;
      return this;
    }

    /** Lists the parameters, in the order in which they are shown. */
    public Builder parameters(LossParameter... all) {
      parameters.addAll(List.of(all));
      return this;
    }

    /**
     * For losses whose inputs are no log-probabilities, so that a likelihood term makes no sense.
     */
    public Builder withoutDemonstrations() {
      takesDemonstrations = false;
      return this;
    }

    /**
     * Ends the description.
     *
     * @param reduction the default reduction
     * @param reductionSource where that default comes from
     * @param factory (reduction, other values) to the loss
     */
    public LossSpec reducedBy(Reduction reduction, String reductionSource, Factory factory) {
      if (takesDemonstrations) {
        parameters.add(RPO_ALPHA);
      }
      LossParameter parameter =
          LossParameter.choice(
              "reduction",
              reduction,
              Reduction.class,
              "sum or mean of a response's token log-probabilities",
              reductionSource);
      parameters.add(parameter);
      this.reductionSource = reductionSource;
      return new LossSpec(
          this, values -> factory.create(values.choice(parameter, Reduction.class), values));
    }
  }

  /** Makes a loss from checked values. */
  @FunctionalInterface
  public interface Factory {
    /** Returns the loss. */
    PreferenceLoss create(Reduction reduction, LossArguments values);
  }
}
