package io.dil.train.sweep;

/**
 * What settings of a method are chosen by: a number of the last evaluation.
 *
 * @param name of the number, such as {@code eval_rewards/accuracies}
 * @param greater whether a larger one is better
 */
public record SweepMetric(String name, boolean greater) {
  /** Returns a metric; of a loss the smaller is better, of all others the larger. */
  static SweepMetric of(String name) {
    return new SweepMetric(name, !name.endsWith("loss"));
  }

  /** Returns a value with its sign such that the larger is the better. */
  double rank(double value) {
    return greater ? value : -value;
  }

  /** Returns it in words. */
  String words() {
    return (greater ? "largest " : "smallest ") + name;
  }
}
