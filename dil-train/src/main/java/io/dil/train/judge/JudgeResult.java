package io.dil.train.judge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which side won how often.
 *
 * @param pairs how many pairs
 * @param wins pairs that a won
 * @param ties pairs whose two orders disagree
 * @param losses pairs that b won
 * @param invalid pairs without a verdict in one of their orders
 * @param rate a's win rate over the valid pairs, a tie counting half
 * @param first how often the answer that stood first won, over all valid verdicts
 * @param meanLengthA mean characters of a's answers
 * @param meanLengthB mean characters of b's answers
 * @param byLength a's win rate among pairs where a is shorter, of like length (within a quarter) or
 *     longer
 * @param models what the endpoint said it was
 * @param rows every pair's outcome
 */
public record JudgeResult(
    int pairs,
    int wins,
    int ties,
    int losses,
    int invalid,
    Wilson rate,
    Wilson first,
    double meanLengthA,
    double meanLengthB,
    Map<String, Wilson> byLength,
    List<String> models,
    List<Row> rows) {
  private static final double ALIKE = 1.25;

  /**
   * A pair's outcome.
   *
   * @param id the row's id
   * @param score 1 where a won, 0 where b did, ½ for a tie, NaN without a verdict
   * @param lengthA characters of a's answer
   * @param lengthB characters of b's answer
   */
  public record Row(String id, double score, int lengthA, int lengthB) {
    boolean valid() {
      return !Double.isNaN(score);
    }

    String bucket() {
      if (lengthA * ALIKE < lengthB) {
        return "a is shorter";
      }
      return lengthA > lengthB * ALIKE ? "a is longer" : "of like length";
    }
  }

  static JudgeResult of(Map<Comparison, List<Judgement>> verdicts, JudgePrompt prompt) {
    List<Row> rows = new ArrayList<>();
    TreeSet<String> models = new TreeSet<>();
    long judged = 0;
    int firsts = 0;
    for (Map.Entry<Comparison, List<Judgement>> pair : verdicts.entrySet()) {
      Comparison sides = pair.getKey();
      double score = 0;
      for (Judgement one : pair.getValue()) {
        String version = one.reply().version();
        models.add(one.reply().model() + (version.isEmpty() ? "" : " " + version));
        score += one.score() / pair.getValue().size();
        if (!Double.isNaN(one.score())) {
          judged++;
          firsts += one.firstWon() ? 1 : 0;
        }
      }
      rows.add(
          new Row(
              sides.id(),
              score,
              prompt.answer(sides.a()).length(),
              prompt.answer(sides.b()).length()));
    }
    return of(rows, Wilson.of(firsts, judged), List.copyOf(models));
  }

  private static JudgeResult of(List<Row> rows, Wilson first, List<String> models) {
    List<Row> valid = rows.stream().filter(Row::valid).toList();
    Map<String, Wilson> byLength = new LinkedHashMap<>();
    for (String bucket : List.of("a is shorter", "of like length", "a is longer")) {
      byLength.put(
          bucket, rate(valid.stream().filter(row -> row.bucket().equals(bucket)).toList()));
    }
    return new JudgeResult(
        rows.size(),
        (int) valid.stream().filter(row -> row.score() == 1).count(),
        (int) valid.stream().filter(row -> row.score() == 0.5).count(),
        (int) valid.stream().filter(row -> row.score() == 0).count(),
        rows.size() - valid.size(),
        rate(valid),
        first,
        rows.stream().mapToInt(Row::lengthA).average().orElse(Double.NaN),
        rows.stream().mapToInt(Row::lengthB).average().orElse(Double.NaN),
        byLength,
        models,
        rows);
  }

  private static Wilson rate(List<Row> rows) {
    return Wilson.of(rows.stream().mapToDouble(Row::score).sum(), rows.size());
  }
}
