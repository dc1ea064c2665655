package io.dil.examples.reproduction;

import io.dil.examples.reproduction.TabularFit.End;
import io.dil.examples.reproduction.TabularFit.Trained;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Trains every method in one condition and picks its best settings by the rules of the protocol.
 */
final class ConditionRun {
  static final int SEEDS = 20;
  private static final long[] SEARCH_SEEDS = {100, 101, 102, 103, 104};
  private static final int VALIDATION_PAIRS = 1000;

  /** Added to a seed for its validation pairs. */
  private static final long VALIDATION = 1_000_000;

  /** Places of the candidates' stops: the kept steps, and the end after them. */
  static final int STOPS = TabularFit.KEPT.length + 1;

  private final Condition condition;
  private final ExactWorld world;
  private final List<PairCells> data;
  private final List<PairCells> searchData;
  private final List<PairCells> validation;

  ConditionRun(Condition condition) {
    this.condition = condition;
    this.world = condition.world();
    this.data = draw(LongStream.range(0, SEEDS).toArray(), condition.pairs(), 0);
    this.searchData = draw(SEARCH_SEEDS, condition.pairs(), 0);
    this.validation = draw(SEARCH_SEEDS, VALIDATION_PAIRS, VALIDATION);
  }

  private List<PairCells> draw(long[] seeds, int pairs, long offset) {
    return Arrays.stream(seeds)
        .mapToObj(seed -> world.sample(pairs, seed + offset, condition.sampling()))
        .toList();
  }

  /** How a method's candidate is picked. */
  enum Rule {
    /** The default parameters, at the end. */
    DEFAULT,
    /** Highest likelihood of the chosen answers of validation pairs. */
    L,
    /** Highest win rate over chosen answers. */
    W
  }

  /**
   * A method as a rule picked it, on every seed.
   *
   * @param setting its parameters
   * @param stop the place of its stop
   * @param trained a policy per seed
   */
  record Pick(Map<String, String> setting, int stop, List<Trained> trained) {
    /** Returns every measure at the stop, a number per seed. */
    Map<String, double[]> measures(ExactWorld world) {
      return measures(world, stop);
    }

    /** Returns every measure at a place of the path, a number per seed. */
    Map<String, double[]> measures(ExactWorld world, int at) {
      Map<String, double[]> all = new LinkedHashMap<>();
      for (int seed = 0; seed < trained.size(); seed++) {
        Trained policy = trained.get(seed);
        boolean falling = at == STOPS - 1 && policy.end() == End.NO_MINIMUM;
        int place = seed;
        Measures.of(world, policy.stop(at), falling)
            .forEach(
                (name, value) ->
                    all.computeIfAbsent(name, key -> new double[trained.size()])[place] = value);
      }
      return all;
    }

    /** Returns how many seeds end so. */
    int ends(End end) {
      return (int) trained.stream().filter(policy -> policy.end() == end).count();
    }
  }

  ExactWorld world() {
    return world;
  }

  /** Returns a method's picks by rule. */
  Map<Rule, Pick> run(Method method) {
    Map<Map<String, String>, List<Trained>> cache = new HashMap<>();
    Map<Rule, Pick> picks = new LinkedHashMap<>();
    picks.put(
        Rule.DEFAULT,
        new Pick(method.standard(), STOPS - 1, train(cache, method, method.standard())));
    List<List<Trained>> search = new ArrayList<>();
    for (Map<String, String> setting : method.settings()) {
      search.add(fit(method, setting, searchData));
    }
    double[] chosen = world.chosen();
    picks.put(
        Rule.L,
        pick(cache, method, search, (k, log) -> Measures.likelihood(validation.get(k), log)));
    picks.put(
        Rule.W, pick(cache, method, search, (k, log) -> Measures.winRate(world, log, chosen)));
    return picks;
  }

  private Pick pick(
      Map<Map<String, String>, List<Trained>> cache,
      Method method,
      List<List<Trained>> search,
      ToDoubleBiFunction<Integer, double[]> score) {
    double best = Double.NEGATIVE_INFINITY;
    int setting = 0;
    int stop = 0;
    for (int s = 0; s < search.size(); s++) {
      for (int at = 0; at < STOPS; at++) {
        int place = at;
        List<Trained> trained = search.get(s);
        double[] scores =
            IntStream.range(0, trained.size())
                .mapToDouble(k -> score.applyAsDouble(k, trained.get(k).stop(place)))
                .toArray();
        double median = Quartiles.of(scores).median();
        if (median > best + 1e-9) {
          best = median;
          setting = s;
          stop = at;
        }
      }
    }
    Map<String, String> parameters = method.settings().get(setting);
    return new Pick(parameters, stop, train(cache, method, parameters));
  }

  private List<Trained> train(
      Map<Map<String, String>, List<Trained>> cache, Method method, Map<String, String> setting) {
    List<Trained> known = cache.get(setting);
    if (known == null) {
      known = fit(method, setting, data);
      cache.put(setting, known);
    }
    return known;
  }

  private List<Trained> fit(Method method, Map<String, String> setting, List<PairCells> pairs) {
    TabularLoss loss = new TabularLoss(method.create(setting), world, 1);
    return new TabularFit(loss, world, true).fit(pairs);
  }
}
