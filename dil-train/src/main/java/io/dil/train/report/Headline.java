package io.dil.train.report;

import io.dil.train.judge.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Says in a sentence what training did, in a few figures, and what went wrong.
 *
 * <p>The loss is that of the batches: from the first step to the mean of the last ({@link
 * Curve#end()}). The rest is measured on held-out pairs, first evaluation to last, where there are
 * any: what a model does to the pairs that it trains on says little.
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

  /** A rise by this share of the loss, or of what it had fallen by, is more than noise. */
  private static final double RISE = 0.02;

  /** Nats of a chosen response's loss that no reader should miss; e^-20 is a billionth. */
  private static final double COLLAPSE = -20;

  private static final double COLLAPSE_PER_TOKEN = -0.2;

  /** An accuracy that differs by this much with who is longer is a preference for a length. */
  private static final double LENGTH_BIAS = 0.2;

  /** With fewer pairs, a difference like that is chance. */
  private static final double FEWEST_PAIRS = 30;

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
    String first = figure(loss.first());
    if (data.steps().size() == 1) {
      parts.add("the loss is " + first);
      tiles.add(new Tile("Loss", first, "one step"));
      return;
    }
    String end = figure(loss.end());
    String verb =
        loss.end() < loss.first() ? "fell" : loss.end() > loss.first() ? "rose" : "stayed";
    Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut("loss"));
    String held =
        heldOut.finite().count() < 2
            ? ""
            : "held-out: %s to %s".formatted(figure(heldOut.first()), figure(heldOut.last()));
    parts.add(
        "the loss %s from %s to %s".formatted(verb, first, end)
            + (held.isEmpty() ? "" : " (" + held + ")"));
    tiles.add(new Tile("Loss", end, "from " + first + (held.isEmpty() ? "" : "; " + held)));
  }

  private static void accuracy(ReportData data, List<String> parts, List<Tile> tiles) {
    Measured accuracy = Measured.of(data, "rewards/accuracies");
    Curve curve = accuracy.curve();
    if (curve.isEmpty()) {
      return;
    }
    String rests = accuracy.heldOut() ? rests(data, accuracy.end()) : "";
    String end = Numbers.percent(accuracy.end());
    String first = Numbers.percent(curve.first());
    String step = Numbers.rounded(curve.firstStep(), 9);
    if (accuracy.heldOut() && curve.finite().count() > 1) {
      parts.add(
          "held-out accuracy went from %s in step %s to %s".formatted(first, step, end)
              + (rests.isEmpty() ? "" : " (" + rests + ")"));
      tiles.add(
          new Tile(
              "Held-out accuracy",
              end,
              rests.isEmpty() ? "from %s in step %s".formatted(first, step) : rests));
    } else {
      parts.add(
          "%s of the %s pairs are ranked as preferred".formatted(end, accuracy.pairs())
              + (rests.isEmpty() ? "" : " (" + rests + ")"));
      tiles.add(new Tile("Accuracy", end, rests.isEmpty() ? accuracy.pairs() + " pairs" : rests));
    }
  }

  /** Returns how many pairs an accuracy rests on, and the accuracies that they allow. */
  private static String rests(ReportData data, double accuracy) {
    double pairs = Curve.of(data.evaluations(), Chart.heldOut("pairs")).last();
    if (!(pairs >= 1)) {
      return "";
    }
    Wilson interval = Wilson.of(accuracy * pairs, Math.round(pairs));
    return "%s pairs, 95\u00a0%% interval %s to %s"
        .formatted(
            grouped((int) pairs),
            Numbers.percent(interval.low()),
            Numbers.percent(interval.high()));
  }

  private static void margin(ReportData data, List<String> parts, List<Tile> tiles) {
    Measured margin = Measured.of(data, "rewards/margins");
    if (!margin.curve().isEmpty()) {
      String end = signed(margin.end());
      parts.add("the margin is " + end);
      tiles.add(new Tile("Margin", end, margin.pairs() + " pairs"));
    }
  }

  private static void drift(ReportData data, List<String> parts, List<Tile> tiles) {
    Measured drift = Measured.of(data, "logps/chosen_drift");
    if (!drift.curve().isEmpty()) {
      double end = drift.end();
      String word = end > 0 ? "more likely than" : end < 0 ? "less likely than" : "as likely as";
      String by = signed(end) + " nats";
      parts.add("chosen responses are %s before (%s)".formatted(word, by));
      tiles.add(new Tile("Chosen drift", by, drift.pairs() + " pairs"));
    }
  }

  /** A metric on held-out pairs if it was evaluated there, else on the batches of training. */
  private record Measured(boolean heldOut, Curve curve) {

    static Measured of(ReportData data, String metric) {
      Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut(metric));
      return heldOut.isEmpty()
          ? new Measured(false, Curve.of(data.steps(), metric))
          : new Measured(true, heldOut);
    }

    double end() {
      return heldOut ? curve.last() : curve.end();
    }

    String pairs() {
      return heldOut ? "held-out" : "training";
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
    heldOutRise(data, warnings);
    collapse(data, warnings);
    lengthBias(data, warnings);
    return List.copyOf(warnings);
  }

  /** A loss that falls on the pairs it trains on and rises on others learns them by heart. */
  private static void heldOutRise(ReportData data, List<String> warnings) {
    Curve heldOut = Curve.of(data.evaluations(), Chart.heldOut("loss"));
    double lowest = heldOut.finite().min().orElse(Double.NaN);
    double rise = heldOut.last() - lowest;
    if (rise > RISE * Math.max(Math.abs(lowest), heldOut.first() - lowest)) {
      warnings.add(
          "Held-out loss rises: %s at its lowest, in step %s, and %s at the end. By that loss the model"
                  .formatted(
                      figure(lowest),
                      Numbers.rounded(heldOut.stepOf(lowest), 9),
                      figure(heldOut.last()))
              + " of that step is the better one.");
    }
  }

  /** The paper's Figure 2: chosen responses that lose their likelihood while the margin grows. */
  private static void collapse(ReportData data, List<String> warnings) {
    double drift = Measured.of(data, "logps/chosen_drift").end();
    double perToken = Measured.of(data, "logps/chosen_drift_per_token").end();
    if (drift <= COLLAPSE || perToken <= COLLAPSE_PER_TOKEN) {
      String each = Double.isNaN(perToken) ? "" : " (%s per token)".formatted(figure(perToken));
      warnings.add(
          "The likelihood of chosen responses collapses: they lost %s nats%s against the reference,"
                  .formatted(figure(-drift), each)
              + " so the margin grows by pushing both down. A smaller learning rate, a larger beta or"
              + " an SFT term holds them.");
    }
  }

  /**
   * The known trap of reward models: what is rewarded is length, or brevity, and not the answer.
   */
  private static void lengthBias(ReportData data, List<String> warnings) {
    double shorter = last(data, "rewards/accuracies_shorter");
    double longer = last(data, "rewards/accuracies_longer");
    double fewest = Math.min(last(data, "pairs_shorter"), last(data, "pairs_longer"));
    if (fewest >= FEWEST_PAIRS && Math.abs(shorter - longer) > LENGTH_BIAS) {
      warnings.add(
          "The model prefers %s answers: held-out accuracy is %s where the chosen response is shorter and %s"
                  .formatted(
                      shorter > longer ? "short" : "long",
                      Numbers.percent(shorter),
                      Numbers.percent(longer))
              + " where it is longer. A policy that is trained on these rewards will learn the length.");
    }
  }

  private static double last(ReportData data, String metric) {
    return Curve.of(data.evaluations(), Chart.heldOut(metric)).last();
  }

  /** Three digits: enough to see an effect, few enough to read in a sentence. */
  private static String figure(double value) {
    return Numbers.rounded(value, 3);
  }

  private static String signed(double value) {
    return (value > 0 ? "+" : "") + figure(value);
  }

  private static String grouped(int count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
