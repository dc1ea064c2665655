package io.dil.train;

import io.dil.core.Tokens;
import io.dil.core.model.TokenStatistics;
import io.dil.data.TokenizedExample;
import io.dil.train.objective.BatchLoss;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what the examples of a step or an evaluation gave, under TRL's names.
 *
 * <p>A pair is ranked right where the chosen reward is above the rejected one; a tie counts one
 * half, as a coin would rank it: a policy that is its reference has an accuracy of one half, not of
 * none. (TRL counts a tie as wrong.) That is the one rule: lines, tables, cards and reports show
 * this number.
 *
 * <p>{@code logps/chosen_drift} and {@code logps/rejected_drift} are ours: how far the mean summed
 * log-probability of the chosen and of the rejected responses has moved from the reference's, the
 * quantities of the paper's Figure 2. With {@code _per_token} it is the sum of all movements over
 * the sum of all tokens, which the responses' lengths do not sway. {@code eval_pairs} is the number
 * of pairs that an evaluation's accuracy rests on. With {@code token_metrics}, as in TRL 1.16:
 * {@code entropy} is the mean over all tokens of responses, {@code logits/chosen} that of the mean
 * logits of the chosen ones, {@code mean_token_accuracy} the share of the chosen tokens that were
 * the most probable. Of a reward model there are no log-probabilities; an evaluation of one has
 * {@link RewardMetrics} too.
 */
final class StepMetrics {
  private double loss;
  private int examples;
  private double chosenRewards;
  private double rejectedRewards;
  private int chosen;
  private int rejected;
  private int pairs;
  private double correct;
  private double margins;
  private double chosenLogps;
  private double rejectedLogps;
  private double chosenDrift;
  private double rejectedDrift;
  private long chosenTokens;
  private long rejectedTokens;
  private boolean hasReference;
  private int chosenScored;
  private int rejectedScored;
  private long tokens;
  private TokenStatistics ofChosen = TokenStatistics.NONE;
  private TokenStatistics ofRejected = TokenStatistics.NONE;
  private double kl;
  private int estimates;
  private final boolean rewards;
  private final RewardMetrics ofModel = new RewardMetrics();

  /**
   * Makes an empty sum.
   *
   * @param rewards whether scores are a reward model's, and no log-probabilities
   */
  StepMetrics(boolean rewards) {
    this.rewards = rewards;
  }

  /** Adds a batch whose groups were scored as {@code policy} and {@code reference}. */
  void add(
      List<TokenizedExample> batch,
      BatchLoss result,
      double[] policy,
      double @Nullable [] reference) {
    for (double value : result.perExample()) {
      loss += value;
    }
    examples += batch.size();
    if (result.kl().isPresent()) {
      kl += result.kl().getAsDouble();
      estimates++;
    }
    for (double reward : result.chosenRewards()) {
      chosenRewards += reward;
      chosen++;
    }
    for (double reward : result.rejectedRewards()) {
      rejectedRewards += reward;
      rejected++;
    }
    if (result.chosenRewards().length == batch.size()
        && result.rejectedRewards().length == batch.size()) {
      for (int i = 0; i < batch.size(); i++) {
        double margin = result.chosenRewards()[i] - result.rejectedRewards()[i];
        margins += margin;
        correct += LengthAccuracy.share(margin);
        pairs++;
        if (rewards) {
          List<Tokens> responses = batch.get(i).tokens().responses();
          ofModel.add(margin, responses.get(0).size(), responses.get(1).size());
        }
      }
    }
    boolean chosenOnly = policy.length == batch.size();
    int at = 0;
    for (TokenizedExample example : batch) {
      tokens += example.tokens().prompt().size();
      List<Tokens> responses = example.tokens().responses();
      for (int i = 0; i < (chosenOnly ? 1 : responses.size()); i++, at++) {
        int size = responses.get(i).size();
        double drift = reference == null ? 0 : policy[at] - reference[at];
        hasReference |= reference != null;
        tokens += size;
        if (i == 0 && example.desirable()) {
          chosenLogps += policy[at];
          chosenDrift += drift;
          chosenTokens += size;
          chosenScored++;
        } else {
          rejectedLogps += policy[at];
          rejectedDrift += drift;
          rejectedTokens += size;
          rejectedScored++;
        }
      }
    }
  }

  /**
   * Adds what the policy thought of the tokens of a batch's responses; empty where nobody asked.
   */
  void add(List<TokenizedExample> batch, List<TokenStatistics> statistics) {
    boolean chosenOnly = statistics.size() == batch.size();
    int at = 0;
    for (TokenizedExample example : statistics.isEmpty() ? List.<TokenizedExample>of() : batch) {
      int responses = chosenOnly ? 1 : example.tokens().responses().size();
      for (int i = 0; i < responses; i++, at++) {
        if (i == 0 && example.desirable()) {
          ofChosen = ofChosen.plus(statistics.get(at));
        } else {
          ofRejected = ofRejected.plus(statistics.get(at));
        }
      }
    }
  }

  private void putStatistics(Map<String, Double> means, String prefix) {
    TokenStatistics both = ofChosen.plus(ofRejected);
    put(means, prefix + "entropy", both.entropy(), both.tokens());
    put(means, prefix + "mean_token_accuracy", (double) ofChosen.top(), ofChosen.tokens());
    put(means, prefix + "logits/chosen", ofChosen.logits(), ofChosen.tokens());
    put(means, prefix + "logits/rejected", ofRejected.logits(), ofRejected.tokens());
  }

  /** Returns the tokens of prompts and responses, a shared prompt counted once. */
  long tokens() {
    return tokens;
  }

  /** Returns the means, each name behind {@code prefix}. */
  Map<String, Double> means(String prefix) {
    Map<String, Double> means = new LinkedHashMap<>();
    put(means, prefix + "loss", loss, examples);
    put(means, prefix + "rewards/chosen", chosenRewards, chosen);
    put(means, prefix + "rewards/rejected", rejectedRewards, rejected);
    put(means, prefix + "rewards/accuracies", correct, pairs);
    if (pairs > 0) {
      put(means, prefix + "rewards/margins", margins, pairs);
    } else if (chosen > 0 && rejected > 0) {
      // Of single responses, as in TRL: the difference of the two means.
      put(
          means,
          prefix + "rewards/margins",
          chosenRewards / chosen - rejectedRewards / rejected,
          1);
    }
    put(means, prefix + "kl", kl, estimates);
    if (!rewards) {
      put(means, prefix + "logps/chosen", chosenLogps, chosenScored);
      put(means, prefix + "logps/rejected", rejectedLogps, rejectedScored);
    } else if (!prefix.isEmpty()) {
      ofModel.put(means, prefix);
    }
    putStatistics(means, prefix);
    if (hasReference) {
      put(means, prefix + "logps/chosen_drift", chosenDrift, chosenScored);
      put(means, prefix + "logps/rejected_drift", rejectedDrift, rejectedScored);
      put(means, prefix + "logps/chosen_drift_per_token", chosenDrift, chosenTokens);
      put(means, prefix + "logps/rejected_drift_per_token", rejectedDrift, rejectedTokens);
    }
    if (!prefix.isEmpty() && pairs > 0) {
      means.put(prefix + "pairs", (double) pairs);
    }
    return means;
  }

  private static void put(Map<String, Double> means, String name, double sum, long count) {
    if (count > 0) {
      means.put(name, sum / count);
    }
  }
}
