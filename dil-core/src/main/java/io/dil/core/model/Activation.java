package io.dil.core.model;

import java.util.Map;
import java.util.TreeMap;

/** The activations that {@code layers.py} has, by transformers' names for them. */
public final class Activation {
  // transformers has several roundings of the same functions; the names on the left are its ACT2FN,
  // those on the right the cases of `activate`. Activations with weights of their own are missing.
  private static final Map<String, String> NAMES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("silu", "silu"),
              Map.entry("swish", "silu"),
              Map.entry("relu", "relu"),
              Map.entry("gelu", "gelu"),
              Map.entry("gelu_python", "gelu"),
              Map.entry("gelu_new", "gelu_tanh"),
              Map.entry("gelu_fast", "gelu_tanh"),
              Map.entry("gelu_accurate", "gelu_tanh"),
              Map.entry("gelu_pytorch_tanh", "gelu_tanh"),
              Map.entry("gelu_python_tanh", "gelu_tanh"),
              Map.entry("gelu_10", "gelu_10"),
              Map.entry("quick_gelu", "quick_gelu"),
              Map.entry("mish", "mish"),
              Map.entry("relu2", "relu2"),
              Map.entry("relu6", "relu6"),
              Map.entry("leaky_relu", "leaky_relu"),
              Map.entry("hardswish", "hardswish"),
              Map.entry("sigmoid", "sigmoid"),
              Map.entry("tanh", "tanh"),
              Map.entry("linear", "linear")));

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
