package io.dil.core.model;

import java.util.Map;
import java.util.TreeMap;

/** The activations that {@code layers.py} has, by transformers' names for them. */
public final class Activation {
  // transformers has several roundings of the same two functions; the names on the left are its
  // ACT2FN, those on the right the cases of `activate`.
  private static final Map<String, String> NAMES =
      new TreeMap<>(
          Map.of(
              "silu", "silu",
              "swish", "silu",
              "relu", "relu",
              "gelu", "gelu",
              "gelu_python", "gelu",
              "gelu_new", "gelu_tanh",
              "gelu_fast", "gelu_tanh",
              "gelu_pytorch_tanh", "gelu_tanh",
              "gelu_python_tanh", "gelu_tanh"));

  private Activation() {}

  /**
   * Returns the program's name of the activation that {@code key} names.
   *
   * @throws io.dil.core.InputException if it is not one of those
   */
  public static String read(ModelConfig config, String key, String otherwise) {
    return NAMES.getOrDefault(config.choice(key, otherwise, NAMES.keySet()), otherwise);
  }
}
