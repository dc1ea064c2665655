package io.dil.train.policy;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.train.sample.Answers;
import io.dil.train.sample.Sampled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What the answers of one sampling are like, those of prompts without a pair included.
 *
 * <p>distinct-n is the number of different n-grams of tokens over the number of all of them (Li et
 * al. 2016), here of all answers together and without the token that ends them. The KL divergence
 * to the reference is the mean over answers of log π(y|x) − log π_ref(y|x); of answers that were
 * drawn at temperature 1 and not cut it is unbiased.
 */
final class PoolMetrics {
  /** What the names begin with. */
  static final String PREFIX = "on_policy/";

  private final Set<Integer> ends;
  private final List<TokenGroup> groups = new ArrayList<>();
  private final Set<List<Integer>> words = new HashSet<>();
  private final Set<List<Integer>> pairs = new HashSet<>();
  private long allWords;
  private long allPairs;
  private int prompts;
  private int unpaired;
  private int answers;
  private int cut;
  private long tokens;
  private int rewarded;
  private double sum;
  private double squares;

  PoolMetrics(Set<Integer> ends) {
    this.ends = ends;
  }

  void add(Sampled one, double[] rewards, boolean paired) {
    prompts++;
    unpaired += paired ? 0 : 1;
    Answers texts = one.answers();
    for (int i = 0; i < rewards.length; i++) {
      answers++;
      cut += texts.finish().get(i).equals(Answers.LENGTH) ? 1 : 0;
      tokens += one.responses().get(i).size();
      count(one.responses().get(i));
      // An answer without text is not paired, so that its reward counts for nothing.
      if (!texts.responses().get(i).isBlank()) {
        rewarded++;
        sum += rewards[i];
        squares += rewards[i] * rewards[i];
      }
    }
    groups.add(new TokenGroup(one.prompt(), one.responses()));
  }

  private void count(Tokens answer) {
    int[] ids = answer.stream().filter(id -> !ends.contains(id)).toArray();
    for (int i = 0; i < ids.length; i++) {
      words.add(List.of(ids[i]));
      allWords++;
      if (i > 0) {
        pairs.add(List.of(ids[i - 1], ids[i]));
        allPairs++;
      }
    }
  }

  Map<String, Double> means(Function<List<TokenGroup>, double[]> logRatios) {
    Map<String, Double> means = new LinkedHashMap<>();
    double mean = rewarded == 0 ? Double.NaN : sum / rewarded;
    put(means, "reward", mean);
    put(means, "reward_std", Math.sqrt(Math.max(0, squares / rewarded - mean * mean)));
    put(means, "tokens", (double) tokens / answers);
    put(means, "cut", (double) cut / answers);
    put(means, "prompts", prompts);
    put(means, "no_pair", (double) unpaired / prompts);
    put(means, "distinct_1", share(words.size(), allWords));
    put(means, "distinct_2", share(pairs.size(), allPairs));
    put(means, "kl", Arrays.stream(logRatios.apply(groups)).average().orElse(Double.NaN));
    return means;
  }

  private static double share(int different, long all) {
    return all == 0 ? Double.NaN : (double) different / all;
  }

  /** A number that cannot be had, as that of a divergence without a reference, is left out. */
  private static void put(Map<String, Double> means, String name, double value) {
    if (!Double.isNaN(value)) {
      means.put(PREFIX + name, value);
    }
  }
}
