package io.dil.train.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A picture in the report: which metrics it draws and what a reader should know about it.
 *
 * @param title what is drawn, with its unit where it has one
 * @param caption how to read it, in a sentence
 * @param unit what the vertical axis counts
 * @param metrics names of the metrics, the first in the first colour; the second is for rejected
 *     responses where there are two
 * @param scale how the vertical axis is drawn
 */
record Chart(String title, String caption, String unit, List<String> metrics, Scale scale) {

  /** How the vertical axis of a chart is drawn. */
  enum Scale {
    /** As the values lie. */
    PLAIN,
    /** As the values lie, with zero in sight and marked. */
    ZERO,
    /** From 0 % to 100 %, for shares. */
    SHARE,
    /** As the values lie, which are chosen and not measured, so that a mean would say nothing. */
    EXACT
  }

  /** The charts of every report, in order; one with none of its metrics in the data is left out. */
  private static final List<Chart> KNOWN =
      List.of(
          new Chart("Loss", "What the optimiser lowers.", "loss", List.of("loss"), Scale.PLAIN),
          new Chart(
              "Drift per token",
              "How far responses have become more likely (above zero) or less (below) than under the"
                  + " reference, per token. Lengths do not sway it.",
              "nats per token",
              List.of("logps/chosen_drift_per_token", "logps/rejected_drift_per_token"),
              Scale.ZERO),
          new Chart(
              "Drift",
              "The same of whole responses: the paper's Figure 2. A long response moves further.",
              "nats",
              List.of("logps/chosen_drift", "logps/rejected_drift"),
              Scale.ZERO),
          new Chart(
              "Margin",
              "Reward of the chosen response minus that of the rejected one, mean of a batch: the"
                  + " implicit reward, or what a reward model gives.",
              "reward",
              List.of("rewards/margins"),
              Scale.ZERO),
          new Chart(
              "Accuracy",
              "Share of pairs whose chosen response has the larger reward.",
              "share of pairs",
              List.of("rewards/accuracies"),
              Scale.SHARE),
          new Chart(
              "Accuracy where the chosen response is shorter",
              "Beside the next two: a model that prefers length is wrong here and right there.",
              "share of pairs",
              List.of("rewards/accuracies_shorter"),
              Scale.SHARE),
          new Chart(
              "Accuracy where both are about as long",
              "Lengths that differ by at most a tenth of the longer response.",
              "share of pairs",
              List.of("rewards/accuracies_similar"),
              Scale.SHARE),
          new Chart(
              "Accuracy where the chosen response is longer",
              "Here length alone is always right.",
              "share of pairs",
              List.of("rewards/accuracies_longer"),
              Scale.SHARE),
          new Chart(
              "Accuracy of length",
              "Of a rule that prefers the longer response. A reward model should be above it.",
              "share of pairs",
              List.of("rewards/accuracies_of_length"),
              Scale.SHARE),
          new Chart(
              "Probability of people's choices",
              "Mean over pairs of the logistic function of the difference of rewards.",
              "probability",
              List.of("rewards/probability"),
              Scale.SHARE),
          new Chart(
              "Calibration error",
              "How far those probabilities are from the shares of pairs that they should be, over ten"
                  + " bins.",
              "share of pairs",
              List.of("rewards/calibration_error"),
              Scale.SHARE),
          new Chart(
              "Rewards",
              "What the margin is the difference of.",
              "reward",
              List.of("rewards/chosen", "rewards/rejected"),
              Scale.ZERO),
          new Chart(
              "Log-probabilities",
              "Mean over a batch of whole responses: mostly how long the batch's responses are. Read"
                  + " the drift instead.",
              "nats",
              List.of("logps/chosen", "logps/rejected"),
              Scale.PLAIN),
          new Chart(
              "Gradient norm",
              "Over all parameters, before clipping.",
              "norm",
              List.of("grad_norm"),
              Scale.PLAIN),
          new Chart(
              "Learning rate",
              "As the schedule set it.",
              "learning rate",
              List.of("learning_rate"),
              Scale.EXACT));

  /** Metrics that count instead of telling how the run went. */
  private static final Set<String> COUNTERS =
      Set.of(
          "step", "epoch", "num_tokens", "pairs", "pairs_shorter", "pairs_similar", "pairs_longer");

  private static final String HELD_OUT = "eval_";

  /** What the names of benchmarks begin with, behind {@link #HELD_OUT}. */
  private static final String TASKS = "tasks/";

  /** Returns the name under which a metric stands when it was measured on held-out pairs. */
  static String heldOut(String metric) {
    return HELD_OUT + metric;
  }

  /**
   * Returns the charts that the given data can fill: the known ones, then one for each other
   * metric.
   */
  static List<Chart> of(ReportData data) {
    Set<String> others = new LinkedHashSet<>();
    for (Map<String, Double> row : data.steps()) {
      others.addAll(row.keySet());
    }
    for (Map<String, Double> row : data.evaluations()) {
      row.keySet()
          .forEach(
              name ->
                  others.add(name.startsWith(HELD_OUT) ? name.substring(HELD_OUT.length()) : name));
    }
    others.removeAll(COUNTERS);
    List<Chart> charts = new ArrayList<>();
    for (Chart chart : KNOWN) {
      chart.metrics().forEach(others::remove);
      charts.add(chart);
    }
    for (String other : others) {
      charts.add(
          other.startsWith(TASKS)
              ? benchmark(other)
              : new Chart(other, "As recorded.", other, List.of(other), Scale.PLAIN));
    }
    charts.removeIf(chart -> chart.curves(data).isEmpty());
    return charts;
  }

  private static Chart benchmark(String metric) {
    String[] names = metric.substring(TASKS.length()).split("/", 2);
    return new Chart(
        "Benchmark " + names[0],
        "On its first rows alone, as eval_task_limit says: a sign, not a result.",
        names[names.length - 1],
        List.of(metric),
        Scale.SHARE);
  }

  /** Returns every curve that this chart draws from what was measured, empty ones left out. */
  List<Curve> curves(ReportData data) {
    List<Curve> curves = new ArrayList<>();
    for (String metric : metrics) {
      curves.add(Curve.of(data.steps(), metric));
      curves.add(Curve.of(data.evaluations(), heldOut(metric)));
    }
    curves.removeIf(Curve::isEmpty);
    return curves;
  }
}
