package io.dil.train.optim;

import java.util.Set;

/** The optimisers, by transformers' names ({@code optim}), each with the arguments it takes. */
public enum OptimizerType {
  /** AdamW with moments in the type of the masters. */
  ADAMW_TORCH,
  /** AdamW with moments in 8 bits a number, by blocks of 256 with a scale each (bitsandbytes). */
  ADAMW_8BIT,
  /** Gradient descent; {@code momentum} (0) and {@code nesterov} (false), as in torch. */
  SGD("momentum", "nesterov"),
  /**
   * Adafactor; {@code clip_threshold} (1), {@code decay_rate} (-0.8), {@code beta1} (none), {@code
   * scale_parameter} (false, as transformers' trainer has it), {@code relative_step} (false) for a
   * rate of its own and {@code warmup_init} (false) for its start, {@code eps1} (1e-30) and {@code
   * eps2} (1e-3).
   */
  ADAFACTOR(
      "clip_threshold",
      "decay_rate",
      "beta1",
      "scale_parameter",
      "relative_step",
      "warmup_init",
      "eps1",
      "eps2"),
  /** Lion, with {@code adam_beta1} and {@code adam_beta2}; transformers' name for it. */
  LION_32BIT,
  /**
   * Muon for hidden matrices, AdamW for the rest; {@code momentum} (0.95), {@code nesterov} (true),
   * {@code ns_steps} (5) and {@code match_rms_adamw} (false), which scales a matrix' step for rates
   * of AdamW.
   */
  MUON("momentum", "nesterov", "ns_steps", "match_rms_adamw");

  /** The numbers that share a scale. */
  public static final int BLOCK = 256;

  @SuppressWarnings("ImmutableEnumChecker") // Set.of cannot be changed
  private final Set<String> arguments;

  OptimizerType(String... arguments) {
    this.arguments = Set.of(arguments);
  }

  /** Returns the names of the arguments that it takes in {@code optim_args}. */
  public Set<String> arguments() {
    return arguments;
  }

  /** Returns whether ranks can hold shares of it: whether it moves each number for itself. */
  public boolean isShared() {
    return this != ADAFACTOR && this != MUON;
  }

  /** Returns whether it takes {@code adam_epsilon}: whether some weights move by AdamW. */
  public boolean hasEpsilon() {
    return isAdamW() || this == MUON;
  }

  /** Returns whether it is AdamW in one of its forms. */
  public boolean isAdamW() {
    return this == ADAMW_TORCH || this == ADAMW_8BIT;
  }
}
