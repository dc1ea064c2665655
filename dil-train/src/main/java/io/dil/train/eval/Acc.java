package io.dil.train.eval;

import java.util.List;

/**
 * Whether the likeliest choice is the right one; of equals the first.
 *
 * @param name {@code acc} or {@code acc_norm}
 * @param byLength whether a choice's log-probability is divided by its number of characters (code
 *     points), as {@code acc_norm} does
 */
record Acc(String name, boolean byLength) implements Metric {
  @Override
  public double value(Item item, Answer answer) {
    return best(item, ((Answer.Scores) answer).logLikelihoods()) == item.gold() ? 1 : 0;
  }

  @Override
  public String taken(Item item, Answer answer) {
    return item.choices().get(best(item, ((Answer.Scores) answer).logLikelihoods()));
  }

  private int best(Item item, List<Double> scores) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < scores.size(); i++) {
      String choice = item.choices().get(i);
      double score =
          byLength ? scores.get(i) / choice.codePointCount(0, choice.length()) : scores.get(i);
      if (score > highest) {
        best = i;
        highest = score;
      }
    }
    return best;
  }
}
