package io.dil.examples.reproduction;

import java.util.ArrayList;
import java.util.List;

/**
 * What varies between the runs of the experiment.
 *
 * @param pairs how many pairs are drawn; 0 for exact expectations
 * @param noise the probability that chosen and rejected are exchanged
 * @param temperature of the taste
 * @param sampling where rejected answers come from
 */
record Condition(int pairs, double noise, double temperature, ExactWorld.Sampling sampling) {
  /** The condition that decides. */
  static final Condition BASE = new Condition(1000, 0, 1, ExactWorld.Sampling.PREFERENCES);

  private static final int[] PAIRS = {30, 100, 300, 1000, 3000, 10000, 30000};
  private static final double[] NOISES = {0.1, 0.2, 0.3, 0.4};
  private static final double[] TEMPERATURES = {0.25, 0.5, 2, 4};
  private static final int[] INDEPENDENT_PAIRS = {100, 1000, 10000};

  String name() {
    String taken = sampling == ExactWorld.Sampling.INDEPENDENT ? "independent" : "preferences";
    return String.format("%s n=%s noise=%s t=%s", taken, pairs, noise, temperature);
  }

  ExactWorld world() {
    return new ExactWorld(temperature, noise);
  }

  /** Returns the finite conditions of the protocol, the base among the first. */
  static List<Condition> finite() {
    List<Condition> all = new ArrayList<>();
    for (int pairs : PAIRS) {
      all.add(new Condition(pairs, 0, 1, ExactWorld.Sampling.PREFERENCES));
    }
    for (double noise : NOISES) {
      all.add(new Condition(BASE.pairs, noise, 1, ExactWorld.Sampling.PREFERENCES));
    }
    for (double temperature : TEMPERATURES) {
      all.add(new Condition(BASE.pairs, 0, temperature, ExactWorld.Sampling.PREFERENCES));
    }
    for (int pairs : INDEPENDENT_PAIRS) {
      all.add(new Condition(pairs, 0, 1, ExactWorld.Sampling.INDEPENDENT));
    }
    return all;
  }

  /** Returns the exact conditions. */
  static List<Condition> exact() {
    List<Condition> all = new ArrayList<>();
    for (ExactWorld.Sampling sampling : ExactWorld.Sampling.values()) {
      for (double temperature : new double[] {0.25, 0.5, 1, 2, 4}) {
        all.add(new Condition(0, 0, temperature, sampling));
      }
    }
    for (double noise : NOISES) {
      all.add(new Condition(0, noise, 1, ExactWorld.Sampling.PREFERENCES));
    }
    return all;
  }

  /** Returns the methods that make sense here. */
  List<Method> methods() {
    return Method.ALL.stream()
        .filter(
            method -> sampling == ExactWorld.Sampling.PREFERENCES || !method.needsPreferencePairs())
        .toList();
  }
}
