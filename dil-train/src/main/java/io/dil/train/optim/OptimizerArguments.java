package io.dil.train.optim;

import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An optimiser and its arguments, checked, and the one place that makes one of them.
 *
 * @param type the optimiser
 * @param given arguments by name, as numbers or text
 * @param adam the numbers that have settings of their own; Lion takes its decays from them, and
 *     every optimiser its weight decay
 */
public record OptimizerArguments(
    OptimizerType type, Map<String, Object> given, AdamW.Options adam) {
  private static final Set<String> FLAGS =
      Set.of("nesterov", "scale_parameter", "relative_step", "warmup_init", "match_rms_adamw");

  /**
   * Checks names and values.
   *
   * @throws IllegalArgumentException that says what is wrong with which
   */
  public OptimizerArguments {
    given = Map.copyOf(given);
    NamedArguments.checkNames(type, type.arguments(), given.keySet());
    for (String name : new TreeSet<>(given.keySet())) {
      boolean flag = FLAGS.contains(name);
      String text = String.valueOf(given.get(name)).toLowerCase(Locale.ROOT);
      if (flag && !text.equals("true") && !text.equals("false")) {
        throw new IllegalArgumentException(name + " true or false, got " + given.get(name));
      }
      if (!flag) {
        range(name, NamedArguments.number(given, name, 0));
      }
    }
    if (type == OptimizerType.SGD
        && flag(given, "nesterov")
        && NamedArguments.number(given, "momentum", 0) == 0) {
      throw new IllegalArgumentException("momentum above 0 where nesterov is true");
    }
    if (flag(given, "warmup_init") && !flag(given, "relative_step")) {
      throw new IllegalArgumentException("relative_step true where warmup_init is");
    }
  }

  /** Returns whether the optimiser has a rate of its own, so that one from outside is ignored. */
  public boolean ownRate() {
    return flag(given, "relative_step");
  }

  private static void range(String name, double value) {
    boolean fits =
        switch (name) {
          case "momentum", "beta1" -> value >= 0 && value < 1;
          case "decay_rate" -> value < 0;
          case "clip_threshold" -> value > 0;
          case "ns_steps" -> value >= 1 && value <= 100 && value == Math.rint(value);
          default -> value >= 0;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          name
              + (name.equals("decay_rate")
                  ? " < 0"
                  : name.equals("clip_threshold")
                      ? " > 0"
                      : name.equals("ns_steps") ? ", a whole number in [1, 100]" : " in [0, 1)")
              + ", got "
              + value);
    }
  }

  /**
   * Makes the optimiser of a rank's share of the parameters.
   *
   * @param tables the names of the model's embedding and output projection, which Muon leaves alone
   */
  public Optimizer create(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      Collectives group,
      Set<String> tables) {
    if (group.size() > 1 && !type.isShared()) {
      throw new IllegalArgumentException(
          type.name().toLowerCase(Locale.ROOT) + " looks at whole matrices, which ranks share");
    }
    return switch (type) {
      case ADAMW_TORCH, ADAMW_8BIT -> new AdamW(parameters, owner, kernels, adam, type, group);
      case SGD ->
          new Sgd(
              parameters,
              owner,
              kernels,
              momentum(),
              flag(given, "nesterov"),
              adam.weightDecay(),
              group);
      case LION_32BIT ->
          new Lion(
              parameters, owner, kernels, adam.beta1(), adam.beta2(), adam.weightDecay(), group);
      case ADAFACTOR -> new Adafactor(parameters, owner, kernels, adafactor());
      case MUON -> new Muon(parameters, owner, kernels, muon(), tables);
    };
  }

  private Adafactor.Options adafactor() {
    return new Adafactor.Options(
        NamedArguments.number(given, "clip_threshold", 1),
        NamedArguments.number(given, "decay_rate", -0.8),
        beta1(),
        flag(given, "scale_parameter"),
        ownRate(),
        flag(given, "warmup_init"),
        NamedArguments.number(given, "eps1", 1e-30),
        NamedArguments.number(given, "eps2", 1e-3),
        adam.weightDecay());
  }

  private Muon.Options muon() {
    return new Muon.Options(
        NamedArguments.number(given, "momentum", 0.95),
        !given.containsKey("nesterov") || flag(given, "nesterov"),
        (int) NamedArguments.number(given, "ns_steps", 5),
        flag(given, "match_rms_adamw"),
        adam);
  }

  private OptionalDouble beta1() {
    return given.containsKey("beta1")
        ? OptionalDouble.of(NamedArguments.number(given, "beta1", 0))
        : OptionalDouble.empty();
  }

  private double momentum() {
    return NamedArguments.number(given, "momentum", 0);
  }

  /**
   * Returns the bytes of what is remembered of some weights; of Adafactor's rows and columns, which
   * are less than a hundredth of them, nothing.
   *
   * @param state the type of the masters
   */
  public long momentBytes(long weights, StorageType state) {
    long single = weights * StorageType.F32.bytes();
    return switch (type) {
      case ADAMW_TORCH -> 2 * weights * state.bytes();
      case ADAMW_8BIT -> 2 * (weights + weights / OptimizerType.BLOCK * StorageType.F32.bytes());
      case SGD -> momentum() == 0 ? 0 : single;
      case LION_32BIT -> single;
      // Of the tables two, which are a part of the weights.
      case MUON -> 2 * single;
      case ADAFACTOR -> beta1().isPresent() ? single : 0;
    };
  }

  /**
   * Returns arguments as transformers writes them, {@code name=value,name=value}.
   *
   * @throws IllegalArgumentException if they are not written so
   */
  public static Map<String, Object> parse(String text) {
    Map<String, Object> arguments = new TreeMap<>();
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("NAME=VALUE,NAME=VALUE, or a map of NAME: value");
      }
      arguments.put(pair.substring(0, equals).trim(), pair.substring(equals + 1).trim());
    }
    return arguments;
  }

  private static boolean flag(Map<String, Object> given, String name) {
    return String.valueOf(given.get(name)).equalsIgnoreCase("true");
  }
}
