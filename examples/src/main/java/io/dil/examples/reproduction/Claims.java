package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.examples.reproduction.ConditionRun.Rule;
import io.dil.examples.reproduction.ExactWorld.Sampling;
import io.dil.examples.reproduction.Method.Role;
import io.dil.examples.reproduction.TabularFit.Trained;
import io.dil.losses.Losses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Applies the decisions of protocol.md to the results, and computes the exact ones. */
final class Claims {
  private static final String HOLDS = "holds";
  private static final String NOT = "does not hold";
  private static final String UNDECIDED = "undecided";
  private static final double SAME = 1e-6;
  private static final double DIFFERENT = 0.01;

  /** Of 20 seeds: two-sided p < 0.05 of a sign test. */
  private static final int BETTER = 15;

  private static final List<String> PAPERS = List.of("dil-lsif", "dil-ukl", "dil-bce");
  private static final ExactWorld WORLD = Condition.BASE.world();

  private Claims() {}

  /** Returns a node a question: claim, what is asked, outcome, numbers. */
  static List<ObjectNode> decide(JsonNode results) {
    List<ObjectNode> all = new ArrayList<>(normalisers());
    all.addAll(imitation(results));
    all.addAll(contrastive());
    all.addAll(reinforcement());
    JsonNode base = base(results);
    for (Rule rule : Rule.values()) {
      all.add(likelihood(base, rule));
    }
    all.add(comparison(base, "imitation", "KL to the chosen distribution, rule L"));
    all.add(comparison(base, "outcome", "win rate over chosen answers, rule W"));
    all.add(family(base));
    all.add(lengths());
    return all;
  }

  static JsonNode base(JsonNode results) {
    for (JsonNode condition : results.path("finite")) {
      if (condition.path("name").asText().equals(Condition.BASE.name())) {
        return condition;
      }
    }
    throw new IllegalStateException("results must have the base condition, got none");
  }

  private static ObjectNode claim(
      String claim, String asked, String outcome, Map<String, Double> numbers) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("claim", claim).put("asked", asked).put("outcome", outcome);
    ObjectNode values = node.putObject("numbers");
    numbers.forEach((name, value) -> values.put(name, ResultText.rounded(value)));
    return node;
  }

  private static String bySize(Iterable<Double> sizes) {
    double largest = 0;
    for (double size : sizes) {
      largest = Math.max(largest, size);
    }
    return largest < SAME ? HOLDS : largest > DIFFERENT ? NOT : UNDECIDED;
  }

  /** C1: Z of free log-ratios, at the prompt where it is farthest from 1. */
  private static List<ObjectNode> normalisers() {
    List<ObjectNode> all = new ArrayList<>();
    Map<String, Map<String, String>> cases = new LinkedHashMap<>();
    cases.put("independent answers of the reference (eq. 19)", Map.of());
    cases.put("rejected answers (eq. 21)", Map.of());
    cases.put("both answers of a pair", Map.of("reference_samples", "both"));
    cases.forEach(
        (asked, parameters) -> {
          Sampling sampling =
              asked.startsWith("independent") ? Sampling.INDEPENDENT : Sampling.PREFERENCES;
          Map<String, Double> farthest = new LinkedHashMap<>();
          for (String name : PAPERS) {
            farthest.put(name, farthestNormaliser(name, parameters, sampling));
          }
          String outcome = bySize(farthest.values().stream().map(z -> Math.abs(z - 1)).toList());
          all.add(claim("C1", asked, outcome, farthest));
        });
    return all;
  }

  private static double farthestNormaliser(
      String name, Map<String, String> parameters, Sampling sampling) {
    TabularLoss loss = new TabularLoss(Losses.create(name, parameters), WORLD, 1);
    Trained trained = new TabularFit(loss, WORLD, false).fit(List.of(WORLD.pairs(sampling))).get(0);
    double farthest = 1;
    for (int x = 0; x < ExactWorld.PROMPTS; x++) {
      double z = StrictMath.exp(ExactWorld.logSumExp(trained.last(), x * ExactWorld.ANSWERS));
      farthest = Math.abs(z - 1) > Math.abs(farthest - 1) ? z : farthest;
    }
    return farthest;
  }

  /** C2: the largest KL(π_θ ‖ π_w) over the temperatures. */
  private static List<ObjectNode> imitation(JsonNode results) {
    List<ObjectNode> all = new ArrayList<>();
    all.add(imitation(results, "independent answers of the reference (eq. 19)", "INDEPENDENT", ""));
    all.add(imitation(results, "rejected answers (eq. 21)", "PREFERENCES", ""));
    all.add(imitation(results, "both answers of a pair", "PREFERENCES", " both"));
    return all;
  }

  private static ObjectNode imitation(
      JsonNode results, String asked, String sampling, String suffix) {
    Map<String, Double> largest = new LinkedHashMap<>();
    for (JsonNode condition : results.path("exact")) {
      boolean counts =
          condition.path("sampling").asText().equals(sampling)
              && condition.path("noise").asDouble() == 0;
      for (String name : counts ? PAPERS : List.<String>of()) {
        double distance =
            condition.path("methods").path(name + suffix).path("kl_to_chosen").asDouble();
        largest.merge(name, distance, Math::max);
      }
    }
    return claim("C2", asked, bySize(largest.values()), largest);
  }

  /** C3: what DPO learns. */
  private static List<ObjectNode> contrastive() {
    Map<String, Double> independent = new LinkedHashMap<>();
    Map<String, Double> preferences = new LinkedHashMap<>();
    Map<String, Double> optimum = new LinkedHashMap<>();
    double[] logChosen = Measures.log(WORLD.chosen());
    double[] one = dpo("1", Sampling.INDEPENDENT);
    independent.put("beta=1", Measures.divergence(one, logChosen));
    for (String beta : List.of("1", "0.1", "0.05", "0.01")) {
      double[] learnt = dpo(beta, Sampling.PREFERENCES);
      preferences.put("beta=" + beta, Measures.divergence(learnt, logChosen));
      double[] best = WORLD.logOptimum(Double.parseDouble(beta));
      optimum.put("beta=" + beta, Measures.divergence(learnt, best));
    }
    return List.of(
        claim(
            "C3",
            "DPO with independent answers of the reference imitates the chosen (eq. 25–27)",
            bySize(independent.values()),
            independent),
        claim(
            "C3",
            "DPO with preference pairs imitates the chosen",
            bySize(List.of(preferences.getOrDefault("beta=1", Double.NaN))),
            preferences),
        claim(
            "C3",
            "DPO with preference pairs is the optimum of RLHF at its β",
            bySize(optimum.values()),
            optimum));
  }

  private static double[] dpo(String beta, Sampling sampling) {
    TabularLoss loss = new TabularLoss(Losses.create("dpo", Map.of("beta", beta)), WORLD, 1);
    return new TabularFit(loss, WORLD, true).fit(List.of(WORLD.pairs(sampling))).get(0).last();
  }

  /** C4: RLHF as imitation. */
  private static List<ObjectNode> reinforcement() {
    double[] reward = Imitation.fitReward(WORLD, WORLD.pairs(Sampling.PREFERENCES));
    double[] distilled =
        Imitation.imitate(WORLD.logReference(), Imitation.energyBased(WORLD, reward, 1));
    double[] optimum = Imitation.maximiseReward(WORLD, WORLD.reward(), 1);
    double same = Measures.divergence(distilled, optimum);
    double chosen = Measures.divergence(optimum, Measures.log(WORLD.chosen()));
    return List.of(
        claim(
            "C4",
            "the fit of eq. 12, distilled by eq. 13, is the optimum of eq. 2",
            bySize(List.of(same)),
            Map.of("KL", same)),
        claim(
            "C4",
            "that optimum is the distribution of chosen answers",
            bySize(List.of(chosen)),
            Map.of("KL", chosen)));
  }

  /** C5: who keeps the likelihood of chosen answers, along one rule's path. */
  static ObjectNode likelihood(JsonNode base, Rule rule) {
    Map<String, Double> ends = new LinkedHashMap<>();
    Map<String, String> directions = new LinkedHashMap<>();
    base.path("methods")
        .properties()
        .forEach(
            entry -> {
              JsonNode path = entry.getValue().path("paths").path(rule.toString());
              directions.put(entry.getKey(), direction(path));
              ends.put(
                  entry.getKey(), path.path("chosen").path(TabularFit.KEPT.length - 1).asDouble());
            });
    boolean lsifFalls = "falls".equals(directions.get("dil-lsif"));
    boolean lsifKeeps = "does not fall".equals(directions.get("dil-lsif"));
    List<String> others = List.of("dpo", "simpo");
    boolean othersFall = others.stream().allMatch(name -> "falls".equals(directions.get(name)));
    boolean otherKeeps =
        others.stream().anyMatch(name -> "does not fall".equals(directions.get(name)));
    String outcome = lsifKeeps && othersFall ? HOLDS : lsifFalls || otherKeeps ? NOT : UNDECIDED;
    String asked =
        rule == Rule.DEFAULT ? "at the defaults" : "at the parameters that rule " + rule + " picks";
    ObjectNode node = claim("C5", asked, outcome, ends);
    ObjectNode said = node.putObject("directions");
    directions.forEach(said::put);
    return node;
  }

  private static String direction(JsonNode path) {
    double lowest = Double.POSITIVE_INFINITY;
    for (JsonNode change : path.path("chosen")) {
      lowest = Math.min(lowest, change.asDouble());
    }
    boolean falls = true;
    for (int at = TabularFit.KEPT.length - 1; at < ConditionRun.STOPS; at++) {
      falls &= path.path("chosen").path(at).asDouble() < -0.05;
      falls &= path.path("fallen").path(at).asInt() >= BETTER;
    }
    return lowest >= -DIFFERENT ? "does not fall" : falls ? "falls" : UNDECIDED;
  }

  /** C6: LSIF against the seven baselines; the numbers are the seeds in which it is better. */
  private static ObjectNode comparison(JsonNode base, String by, String asked) {
    Map<String, Double> wins = new LinkedHashMap<>();
    boolean all = true;
    boolean none = false;
    for (Method method : Method.ALL) {
      JsonNode counts = base.path("methods").path(method.name()).path("against_dil-lsif").path(by);
      if (method.role() == Role.BASELINE || method.role() == Role.SFT) {
        wins.put(method.name(), counts.path(1).asDouble());
      }
      if (method.role() == Role.BASELINE) {
        all &= counts.path(1).asInt() >= BETTER;
        none |= counts.path(0).asInt() >= BETTER;
      }
    }
    return claim("C6", asked, all ? HOLDS : none ? NOT : UNDECIDED, wins);
  }

  /** C7: the numbers are the seeds in which LSIF is better. */
  private static ObjectNode family(JsonNode base) {
    Map<String, Double> wins = new LinkedHashMap<>();
    boolean worse = false;
    for (String name : List.of("dil-ukl", "dil-bce")) {
      JsonNode counts = base.path("methods").path(name).path("against_dil-lsif");
      int imitation = counts.path("imitation").path(1).asInt();
      int outcome = counts.path("outcome").path(1).asInt();
      wins.put(name + ", imitation", (double) imitation);
      wins.put(name + ", outcome", (double) outcome);
      worse |= imitation >= BETTER && outcome >= BETTER;
    }
    return claim("C7", "UKL and BCE against LSIF", worse ? NOT : HOLDS, wins);
  }

  /** What averages over 8 tokens make of the optimum; reported, not decided. */
  private static ObjectNode lengths() {
    int tokens = 8;
    double[] logChosen = Measures.log(WORLD.chosen());
    double[] sharper = WORLD.logReference();
    for (int i = 0; i < sharper.length; i++) {
      sharper[i] += tokens * (logChosen[i] - sharper[i]);
    }
    double[] powered = ExactWorld.normalised(sharper);
    Map<String, Double> distances = new LinkedHashMap<>();
    for (String name : PAPERS) {
      TabularLoss loss = new TabularLoss(Losses.create(name), WORLD, tokens);
      double[] learnt =
          new TabularFit(loss, WORLD, true)
              .fit(List.of(WORLD.pairs(Sampling.INDEPENDENT)))
              .get(0)
              .last();
      distances.put(name + ", to the chosen", Measures.divergence(learnt, logChosen));
      distances.put(name + ", to the power", Measures.divergence(learnt, powered));
    }
    return claim("B.3", "averages over 8 tokens, independent answers", "reported", distances);
  }
}
