package io.dil.train.pair;

import static java.util.stream.Collectors.joining;

import io.dil.core.InputException;
import io.dil.train.sample.Answers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Makes preference pairs of answers and their rewards, and counts what gives none.
 *
 * <p>Equal answers count once, and answers without text not at all. A tie for the best or the worst
 * goes to the answer that was drawn first. What {@link PairRule#BEST_RANDOM} draws depends on the
 * seed and the prompt's id alone, not on the order of prompts.
 */
public final class Pairing {
  /** Why a prompt gives no pair. */
  public enum Drop {
    /** Fewer than two different answers. */
    ONE_ANSWER("fewer than two different answers"),
    /** All answers have the same reward. */
    TIE("equal rewards"),
    /** The rewards are nearer than the least gap. */
    GAP("rewards nearer than the least gap"),
    /** The same prompt and answers have been paired before. */
    AGAIN("a pair that was there before");

    private final String words;

    Drop(String words) {
      this.words = words;
    }

    /** Returns the reason in words. */
    @Override
    public String toString() {
      return words;
    }
  }

  private final PairRule rule;
  private final double minGap;
  private final long seed;
  private final Map<Drop, Integer> drops = new EnumMap<>(Drop.class);
  private final Map<List<String>, String> seen = new LinkedHashMap<>();
  private int equalAnswers;
  private int emptyAnswers;

  /**
   * Makes a pairing.
   *
   * @param minGap how much more reward the chosen answer must have at least; 0 for any more
   * @param seed of {@link PairRule#BEST_RANDOM}
   * @throws IllegalArgumentException if the gap is negative or not a number
   */
  public Pairing(PairRule rule, double minGap, long seed) {
    if (!(minGap >= 0) || Double.isInfinite(minGap)) {
      throw new IllegalArgumentException("gap must be a number of at least 0, got " + minGap);
    }
    this.rule = rule;
    this.minGap = minGap;
    this.seed = seed;
  }

  /**
   * Returns the pair of one prompt's answers, or nothing, which is counted.
   *
   * @throws InputException if a reward is not finite, or they are not as many as the answers; it
   *     names the prompt
   */
  public Optional<AnswerPair> pair(Answers answers, double[] rewards) {
    if (rewards.length != answers.responses().size()) {
      throw new InputException(
          answers.id()
              + ": rewards must be one per answer, got "
              + rewards.length
              + " of "
              + answers.responses().size()
              + " answers");
    }
    // An answer that was drawn twice is one answer. Rewards are of its first draw.
    Map<String, Double> different = new LinkedHashMap<>();
    for (int i = 0; i < rewards.length; i++) {
      String text = answers.responses().get(i);
      if (text.isBlank()) {
        emptyAnswers++;
        continue;
      }
      check(answers, rewards[i]);
      if (different.putIfAbsent(text, rewards[i]) != null) {
        equalAnswers++;
      }
    }
    if (different.size() < 2) {
      return drop(Drop.ONE_ANSWER);
    }
    List<String> texts = List.copyOf(different.keySet());
    double[] values = different.values().stream().mapToDouble(Double::doubleValue).toArray();
    int best = 0;
    int worst = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
      worst = values[i] < values[worst] ? i : worst;
    }
    if (values[best] == values[worst]) {
      return drop(Drop.TIE);
    }
    int other = rule == PairRule.BEST_WORST ? worst : below(answers.id(), values, best);
    if (values[best] - values[other] < minGap) {
      return drop(Drop.GAP);
    }
    AnswerPair pair =
        new AnswerPair(
            answers.id(),
            answers.prompt(),
            texts.get(best),
            texts.get(other),
            values[best],
            values[other],
            rewards.length);
    List<String> key = List.of(answers.prompt().asText(), pair.chosen(), pair.rejected());
    if (seen.putIfAbsent(key, pair.id()) != null) {
      return drop(Drop.AGAIN);
    }
    return Optional.of(pair);
  }

  private static void check(Answers answers, double reward) {
    if (!Double.isFinite(reward)) {
      throw new InputException(
          answers.id()
              + ": reward must be finite, got "
              + reward
              + " for an answer to '"
              + shortened(answers.prompt().asText())
              + "'");
    }
  }

  private static String shortened(String prompt) {
    String line = prompt.strip().replace('\n', ' ');
    return line.length() <= 60 ? line : line.substring(0, 60) + "…";
  }

  /** Draws one of the answers whose reward is less than the best. */
  private int below(String id, double[] values, int best) {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < values[best]) {
        candidates.add(i);
      }
    }
    long mixed = seed * 0x9E3779B97F4A7C15L ^ id.hashCode();
    return candidates.get(new SplittableRandom(mixed).nextInt(candidates.size()));
  }

  private Optional<AnswerPair> drop(Drop why) {
    drops.merge(why, 1, Integer::sum);
    return Optional.empty();
  }

  /** Returns how many prompts gave no pair, by reason. */
  public Map<Drop, Integer> drops() {
    return new EnumMap<>(drops);
  }

  /** Returns {@link #drops} in words; empty where every prompt gave a pair. */
  public String reasons() {
    return drops.entrySet().stream()
        .map(drop -> drop.getValue() + " with " + drop.getKey())
        .collect(joining(", "));
  }

  /** Returns how many answers had no text: no model can be trained on them. */
  public int emptyAnswers() {
    return emptyAnswers;
  }

  /** Returns how many answers were the same as an earlier one to the same prompt. */
  public int equalAnswers() {
    return equalAnswers;
  }
}
