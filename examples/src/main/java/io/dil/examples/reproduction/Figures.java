package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** What docs/benchmarks/plots.py draws of the results. */
final class Figures {
  private static final List<String> SHOWN =
      List.of("dil-lsif", "dil-ukl", "dil-bce", "dpo", "simpo", "cpo", "sft");
  private static final List<String> COMPARED =
      List.of("dil-lsif", "dil-ukl", "dil-bce", "dil-rulsif", "dpo", "simpo", "cpo", "sft");
  private static final List<String> FAMILY =
      List.of("dil-lsif", "dil-power", "dil-ukl", "dil-bce", "dil-rulsif", "dil-bce both");
  private static final String DISTANCE = "KL(policy ‖ chosen), nats";

  private Figures() {}

  static ArrayNode of(JsonNode results) {
    ArrayNode plots = new ObjectMapper().createArrayNode();
    likelihood(plots, Claims.base(results));
    frontier(plots, results);
    pairs(plots, results);
    world(plots, results);
    return plots;
  }

  private static ArrayNode figure(ArrayNode plots, String file) {
    return plots.addObject().put("file", file).putArray("panels");
  }

  private static ArrayNode panel(
      ArrayNode panels, String title, String x, String y, String logarithmic) {
    ObjectNode panel = panels.addObject().put("title", title).put("x", x).put("y", y);
    if (logarithmic.equals("both")) {
      panel.put("log", true);
    } else if (!logarithmic.isEmpty()) {
      panel.put("log", logarithmic);
    }
    return panel.putArray("series");
  }

  /** Sets what of an axis is shown: "xlim" or "ylim". */
  private static void limit(ArrayNode panels, int panel, String axis, double low, double high) {
    ((ObjectNode) panels.get(panel)).putArray(axis).add(low).add(high);
  }

  /** Figure 2 of the paper: the likelihoods since the start, at the defaults. */
  private static void likelihood(ArrayNode plots, JsonNode base) {
    ArrayNode panels = figure(plots, "experiment-a-likelihood");
    ArrayNode chosen = panel(panels, "chosen answers", "step", "change of log π, nats", "x");
    ArrayNode rejected = panel(panels, "rejected answers", "step", "change of log π, nats", "x");
    ArrayNode margin =
        panel(
            panels, "chosen answers over the margin", "margin, nats", "change of log π, nats", "");
    for (String name : SHOWN) {
      JsonNode path = base.path("methods").path(name).path("paths").path("DEFAULT");
      ObjectNode first = series(chosen, name);
      ObjectNode second = series(rejected, name);
      ObjectNode third = series(margin, name);
      for (int at = 0; at < TabularFit.KEPT.length; at++) {
        point(first, TabularFit.KEPT[at], path.path("chosen").path(at));
        point(second, TabularFit.KEPT[at], path.path("rejected").path(at));
        point(third, path.path("margin").path(at).asDouble(), path.path("chosen").path(at));
      }
    }
    // DPO and LSIF leave the picture; where to, the page's table says.
    limit(panels, 0, "ylim", -0.8, 0.1);
    limit(panels, 1, "ylim", -2, 0.1);
    limit(panels, 2, "ylim", -0.8, 0.1);
    limit(panels, 2, "xlim", 0, 1.4);
  }

  /** What each path gains for how far it goes, beside the best that can be gained. */
  private static void frontier(ArrayNode plots, JsonNode results) {
    ArrayNode panels = figure(plots, "experiment-a-frontier");
    ArrayNode win =
        panel(
            panels,
            "win rate along the path",
            "KL(policy ‖ reference), nats",
            "win rate over chosen",
            "x");
    ObjectNode best = series(win, "RLHF optimum").put("expected", true);
    for (JsonNode optimum : results.path("world").path("optima")) {
      if (optimum.path("kl_to_reference").asDouble() > 1e-4) {
        point(best, optimum.path("kl_to_reference").asDouble(), optimum.path("win_over_chosen"));
      }
    }
    for (String name : SHOWN) {
      JsonNode path = Claims.base(results).path("methods").path(name).path("paths").path("DEFAULT");
      ObjectNode line = series(win, name);
      for (int at = 0; at < TabularFit.KEPT.length; at++) {
        point(
            line,
            path.path("kl_to_reference").path(at).asDouble(),
            path.path("win_over_chosen").path(at));
      }
    }
    limit(panels, 0, "xlim", 0.004, 5);
    limit(panels, 0, "ylim", 0.42, 0.74);
  }

  private static void pairs(ArrayNode plots, JsonNode results) {
    ArrayNode panels = figure(plots, "experiment-a-pairs");
    Predicate<JsonNode> clean =
        condition ->
            condition.path("sampling").asText().equals("PREFERENCES")
                && condition.path("noise").asDouble() == 0
                && condition.path("temperature").asDouble() == 1;
    ArrayNode best = panel(panels, "best setting by rule L", "pairs", DISTANCE, "both");
    ArrayNode end = panel(panels, "defaults, at the end", "pairs", DISTANCE, "both");
    ArrayNode family = panel(panels, "the family, at the end", "pairs", DISTANCE, "both");
    for (String name : COMPARED) {
      over(best, results, clean, name, "L", "pairs");
      over(end, results, clean, name, "DEFAULT", "pairs");
    }
    for (String name : FAMILY) {
      over(family, results, clean, name, "DEFAULT", "pairs");
    }
  }

  private static void world(ArrayNode plots, JsonNode results) {
    ArrayNode panels = figure(plots, "experiment-a-world");
    Predicate<JsonNode> thousand =
        condition ->
            condition.path("sampling").asText().equals("PREFERENCES")
                && condition.path("pairs").asInt() == Condition.BASE.pairs();
    Predicate<JsonNode> noisy =
        thousand.and(condition -> condition.path("temperature").asDouble() == 1);
    Predicate<JsonNode> mixed = thousand.and(condition -> condition.path("noise").asDouble() == 0);
    ArrayNode noise =
        panel(panels, "1000 pairs, rule L", "share of labels exchanged", DISTANCE, "y");
    ArrayNode overlap =
        panel(panels, "1000 pairs, rule L", "overlap of chosen and rejected", DISTANCE, "y");
    ArrayNode family =
        panel(panels, "the family, at the end", "overlap of chosen and rejected", DISTANCE, "y");
    for (String name : COMPARED) {
      over(noise, results, noisy, name, "L", "noise");
      over(overlap, results, mixed, name, "L", "overlap");
    }
    for (String name : FAMILY) {
      over(family, results, mixed, name, "DEFAULT", "overlap");
    }
  }

  private static void over(
      ArrayNode all,
      JsonNode results,
      Predicate<JsonNode> counts,
      String name,
      String rule,
      String x) {
    ObjectNode series = series(all, name);
    StreamSupport.stream(results.path("finite").spliterator(), false)
        .filter(counts)
        .sorted(Comparator.comparingDouble(node -> node.path(x).asDouble()))
        .forEach(
            condition -> {
              JsonNode three = condition.path("methods").path(name).path(rule).path("kl_to_chosen");
              point(series, condition.path(x).asDouble(), three.path(1));
              series.withArray("/low").add(three.path(0));
              series.withArray("/high").add(three.path(2));
            });
  }

  private static ObjectNode series(ArrayNode all, String name) {
    ObjectNode series = all.addObject().put("label", name);
    series.putArray("x");
    series.putArray("y");
    return series;
  }

  private static void point(ObjectNode series, double x, JsonNode y) {
    series.withArray("/x").add(x);
    series.withArray("/y").add(y);
  }
}
