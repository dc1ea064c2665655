package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.examples.reproduction.ConditionRun.Pick;
import io.dil.examples.reproduction.ConditionRun.Rule;
import io.dil.examples.reproduction.TabularFit.End;
import io.dil.examples.reproduction.TabularFit.Trained;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Experiment A of docs/reproduction: what the losses learn in a world where the answer is known.
 *
 * <p>The page {@code protocol.md} says what is done and what will count as a reproduction.
 */
public final class ExperimentA {
  /** Every method is compared with these, seed by seed. */
  private static final List<String> COMPARED = List.of("dil-lsif", "dil-bce");

  private final ObjectMapper json = new ObjectMapper();

  private ExperimentA() {}

  /** Writes all numbers, and what is drawn of them, to the path given. */
  public static void main(String[] arguments) throws IOException {
    Path file =
        Path.of(arguments.length > 0 ? arguments[0] : "docs/reproduction/experiment-a.json");
    Files.writeString(file, ResultText.of(new ExperimentA().results()));
  }

  private ObjectNode results() {
    ObjectNode root = json.createObjectNode();
    root.set("world", world());
    ArrayNode exact = root.putArray("exact");
    for (Condition condition : Condition.exact()) {
      System.out.println(condition.name());
      exact.add(exact(condition));
    }
    ArrayNode finite = root.putArray("finite");
    for (Condition condition : Condition.finite()) {
      System.out.println(condition.name());
      finite.add(finite(condition));
    }
    ArrayNode claims = root.putArray("claims");
    Claims.decide(root).forEach(claims::add);
    root.set("plots", Figures.of(root));
    return root;
  }

  private ObjectNode world() {
    ExactWorld world = Condition.BASE.world();
    ObjectNode node = json.createObjectNode();
    numbers(node.putArray("reference"), world.reference());
    numbers(node.putArray("reward"), world.reward());
    numbers(node.putArray("chosen"), world.chosen());
    numbers(node.putArray("rejected"), world.rejected());
    // The best trade of reward for distance: what every policy's win rate can be held against.
    ArrayNode frontier = node.putArray("optima");
    for (double beta :
        new double[] {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 50}) {
      ObjectNode optimum = frontier.addObject().put("beta", beta);
      Measures.of(world, world.logOptimum(beta), false)
          .forEach((name, value) -> optimum.put(name, ResultText.rounded(value)));
    }
    return node;
  }

  /** Returns the minimum of every loss at its default under exact expectations. */
  static ObjectNode exact(Condition condition) {
    ObjectNode node = described(condition);
    ObjectNode methods = node.putObject("methods");
    ExactWorld world = condition.world();
    List<PairCells> pairs = List.of(world.pairs(condition.sampling()));
    for (Method method : condition.methods()) {
      TabularLoss loss = new TabularLoss(method.create(method.standard()), world, 1);
      Trained trained = new TabularFit(loss, world, true).fit(pairs).get(0);
      ObjectNode entry = methods.putObject(method.name());
      entry
          .put("end", trained.end().toString())
          .put("gradient", ResultText.rounded(trained.gradient()));
      Measures.of(world, trained.last(), trained.end() == End.NO_MINIMUM)
          .forEach(
              (name, value) -> {
                if (Double.isFinite(value)) {
                  entry.put(name, ResultText.rounded(value));
                } else {
                  entry.putNull(name);
                }
              });
    }
    return node;
  }

  /** Returns what every method learns from samples, at its default and at its best. */
  static ObjectNode finite(Condition condition) {
    ObjectNode node = described(condition);
    ConditionRun run = new ConditionRun(condition);
    ObjectNode methods = node.putObject("methods");
    Map<String, Scores> scores = new LinkedHashMap<>();
    for (Method method : condition.methods()) {
      Map<Rule, Pick> picks = run.run(method);
      ObjectNode entry = methods.putObject(method.name());
      picks.forEach((rule, pick) -> entry.set(rule.toString(), pick(run, pick)));
      ObjectNode ends = entry.putObject("ends");
      for (End end : End.values()) {
        ends.put(end.toString(), picks.values().iterator().next().ends(end));
      }
      scores.put(method.name(), Scores.of(run.world(), picks));
      if (condition.equals(Condition.BASE)) {
        ObjectNode paths = entry.putObject("paths");
        picks.forEach((rule, pick) -> paths.set(rule.toString(), path(run, pick)));
      }
    }
    scores.forEach(
        (name, own) -> {
          for (String other : COMPARED) {
            Scores theirs = scores.get(other);
            if (theirs != null && !name.equals(other)) {
              methods.withObject("/" + name).set("against_" + other, own.against(theirs));
            }
          }
        });
    return node;
  }

  private static ObjectNode described(Condition condition) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("name", condition.name());
    node.put("sampling", condition.sampling().toString()).put("pairs", condition.pairs());
    node.put("noise", condition.noise()).put("temperature", condition.temperature());
    ExactWorld world = condition.world();
    node.put("overlap", ResultText.rounded(world.overlap()));
    return node;
  }

  private static ObjectNode pick(ConditionRun run, Pick pick) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("setting", text(pick.setting()));
    node.put("stop", stop(pick.stop()));
    pick.measures(run.world())
        .forEach(
            (name, values) -> {
              Quartiles quartiles = Quartiles.of(values);
              ArrayNode three = node.putArray(name);
              ResultText.add(three, quartiles.low());
              ResultText.add(three, quartiles.median());
              ResultText.add(three, quartiles.high());
            });
    return node;
  }

  /** Returns medians along the path, and in how many seeds the chosen answers' likelihood fell. */
  private static ObjectNode path(ConditionRun run, Pick pick) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("setting", text(pick.setting()));
    List<String> names =
        List.of("chosen", "rejected", "margin", "kl_to_reference", "win_over_chosen");
    names.forEach(node::putArray);
    ArrayNode fallen = node.putArray("fallen");
    for (int at = 0; at < ConditionRun.STOPS; at++) {
      Map<String, double[]> measures = pick.measures(run.world(), at);
      for (String name : names) {
        ResultText.add(
            node.withArray("/" + name),
            Quartiles.of(measures.getOrDefault(name, new double[] {Double.NaN})).median());
      }
      int count = 0;
      for (double change : measures.getOrDefault("chosen", new double[0])) {
        count += change < 0 ? 1 : 0;
      }
      fallen.add(count);
    }
    return node;
  }

  static String stop(int at) {
    return at < TabularFit.KEPT.length ? String.valueOf(TabularFit.KEPT[at]) : "end";
  }

  private static String text(Map<String, String> setting) {
    StringBuilder text = new StringBuilder();
    setting.forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
    return text.toString().trim();
  }

  private static void numbers(ArrayNode list, double[] values) {
    for (double value : values) {
      ResultText.add(list, value);
    }
  }
}
