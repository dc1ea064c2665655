package io.dil.train.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Says in a sentence what training did, in a few figures, and what went wrong.
 *
 * <p>A run begins at its first step and ends with the mean of its last steps ({@link Curve#end()}).
 * A share at the start is not given for training batches: as long as the policy equals the
 * reference every pair is a tie. Where there were evaluations, theirs are the figures for accuracy.
 *
 * @param sentence one sentence, with numbers
 * @param tiles the figures that matter most
 * @param warnings what a reader must know before believing a curve; empty if all is well
 */
record Headline(String sentence, List<Tile> tiles, List<String> warnings) {

  /**
   * A figure.
   *
   * @param name what it is
   * @param value the figure at the end
   * @param note where it came from
   */
  record Tile(String name, String value, String note) {}

  static Headline of(ReportData data) {
    if (data.steps().isEmpty()) {
      return new Headline("No step was taken.", List.of(), List.of());
    }
    List<String> parts = new ArrayList<>();
    List<Tile> tiles = new ArrayList<>();
    loss(data, parts, tiles);
    accuracy(data, parts, tiles);
    margin(data, parts, tiles);
    drift(data, parts, tiles);
    int steps = data.steps().size();
    String opening = "After %s %s ".formatted(grouped(steps), steps == 1 ? "step" : "steps");
    String sentence = parts.isEmpty() ? "no finite value was recorded" : String.join("; ", parts);
    return new Headline(opening + sentence + ".", List.copyOf(tiles), warnings(data));
  }

  private static void loss(ReportData data, List<String> parts, List<Tile> tiles) {
    Curve loss = Curve.of(data.steps(), "loss");
    if (loss.isEmpty()) {
      return;
    }
    String first = Numbers.brief(loss.first());
    if (data.steps().size() == 1) {
      parts.add("the loss is " + first);
      tiles.add(new Tile("Loss", first, "one step"));
      return;
    }
    String end = Numbers.brief(loss.end());
    String verb =
        loss.end() < loss.first() ? "fell" : loss.end() > loss.first() ? "rose" : "stayed";
    parts.add("the loss %s from %s to %s".formatted(verb, first, end));
    tiles.add(new Tile("Loss", end, "from " + first));
  }

  private static void accuracy(ReportData data, List<String> parts, List<Tile> tiles) {
    Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut("rewards/accuracies"));
    if (!heldOut.isEmpty()) {
      String last = Numbers.percent(heldOut.last());
      boolean several = data.evaluations().size() > 1;
      String from = several ? "from " + Numbers.percent(heldOut.first()) : "one evaluation";
      parts.add(
          several
              ? "held-out accuracy went %s to %s".formatted(from, last)
              : "held-out accuracy is " + last);
      tiles.add(new Tile("Held-out accuracy", last, from));
      return;
    }
    Curve training = Curve.of(data.steps(), "rewards/accuracies");
    if (!training.isEmpty()) {
      String end = Numbers.percent(training.end());
      parts.add("%s of the pairs in a batch are ranked as preferred".formatted(end));
      tiles.add(new Tile("Accuracy", end, "on training batches"));
    }
  }

  private static void margin(ReportData data, List<String> parts, List<Tile> tiles) {
    Curve margin = Curve.of(data.steps(), "rewards/margins");
    if (!margin.isEmpty()) {
      String end = Numbers.signed(margin.end());
      parts.add("the margin is " + end);
      tiles.add(new Tile("Margin", end, "from " + Numbers.brief(margin.first())));
    }
  }

  private static void drift(ReportData data, List<String> parts, List<Tile> tiles) {
    Curve drift = Curve.of(data.steps(), "logps/chosen_drift");
    if (!drift.isEmpty()) {
      double end = drift.end();
      String word = end > 0 ? "more" : end < 0 ? "less" : "exactly as";
      String by = Numbers.signed(end) + " nats";
      parts.add(
          "the chosen responses are %s likely %s before (%s)"
              .formatted(word, end == 0 ? "as" : "than", by));
      tiles.add(new Tile("Chosen drift", Numbers.signed(end), "nats since the start"));
    }
  }

  private static List<String> warnings(ReportData data) {
    List<String> warnings = new ArrayList<>();
    for (String metric : List.of("loss", "grad_norm")) {
      List<Map<String, Double>> bad =
          data.steps().stream()
              .filter(row -> row.containsKey(metric) && !Double.isFinite(row.get(metric)))
              .toList();
      if (!bad.isEmpty()) {
        warnings.add(
            "%s was not finite in %s of %s steps, first in step %s"
                .formatted(
                    metric,
                    grouped(bad.size()),
                    grouped(data.steps().size()),
                    Numbers.rounded(bad.get(0).getOrDefault("step", Double.NaN), 9)));
      }
    }
    return List.copyOf(warnings);
  }

  private static String grouped(int count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
