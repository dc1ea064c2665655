package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.examples.reproduction.ConditionRun.Pick;
import io.dil.examples.reproduction.ConditionRun.Rule;
import java.util.Map;

/**
 * The three numbers per seed by which two methods are compared.
 *
 * @param imitation KL(π_θ ‖ π_w) under rule L, lower is better
 * @param end the same at the end of the default, lower is better
 * @param outcome the win rate over chosen answers under rule W, higher is better
 */
record Scores(double[] imitation, double[] end, double[] outcome) {

  static Scores of(ExactWorld world, Map<Rule, Pick> picks) {
    return new Scores(
        measure(world, picks, Rule.L, "kl_to_chosen"),
        measure(world, picks, Rule.DEFAULT, "kl_to_chosen"),
        measure(world, picks, Rule.W, "win_over_chosen"));
  }

  private static double[] measure(ExactWorld world, Map<Rule, Pick> picks, Rule rule, String name) {
    Pick pick = picks.get(rule);
    double[] values = pick == null ? null : pick.measures(world).get(name);
    if (values == null) {
      throw new IllegalStateException("no " + name + " of rule " + rule);
    }
    return values;
  }

  /** Returns in how many seeds this is better and worse than the other, for each number. */
  ObjectNode against(Scores other) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    count(node, "imitation", imitation, other.imitation, -1);
    count(node, "end", end, other.end, -1);
    count(node, "outcome", outcome, other.outcome, 1);
    return node;
  }

  private static void count(
      ObjectNode node, String name, double[] mine, double[] theirs, int sign) {
    int better = 0;
    int worse = 0;
    for (int seed = 0; seed < mine.length; seed++) {
      double lead = sign * (mine[seed] - theirs[seed]);
      better += lead > 0 ? 1 : 0;
      worse += lead < 0 ? 1 : 0;
    }
    node.putArray(name).add(better).add(worse);
  }
}
