package io.dil.train.sweep;

import io.dil.core.InputException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which setting of a method is the best: that with the best mean of the metric over the search's
 * seeds, in the last evaluation of each run. Among those within a stated distance of it a second
 * metric decides, if there is one; of equals it is the first in the order of the file. A setting
 * whose runs did not all finish is out.
 */
final class SweepChoice {
  private final SweepFile file;
  private final List<SweepRecord> records;

  SweepChoice(SweepFile file, List<SweepRecord> records) {
    this.file = file;
    this.records = records;
  }

  /** Returns the rule in words. */
  static String rule(SweepFile file) {
    StringBuilder rule = new StringBuilder(file.metric().words());
    for (SweepMethod method : file.methods()) {
      if (!method.metric().equals(file.metric())) {
        rule.append(" (").append(method.name()).append(": ").append(method.metric().words());
        rule.append(')');
      }
    }
    rule.append(" of the last evaluation");
    rule.append(
        file.searchSeeds().size() > 1
            ? ", mean over seeds " + file.searchSeeds()
            : ", seed " + file.searchSeeds().get(0));
    SweepMetric tie = file.tieMetric();
    if (tie != null) {
      rule.append("; within ").append(SweepRun.text(file.tieWithin())).append(" of it the ");
      rule.append(tie.words());
    }
    return rule.append("; of equals the first in the order of the file").toString();
  }

  /**
   * Returns the best setting of a method; null where none was trained to its end.
   *
   * @throws InputException if the evaluations do not have the metric
   */
  @Nullable Map<String, Object> best(SweepMethod method) {
    List<Map<String, Object>> whole =
        method.combinations().stream().filter(setting -> isWhole(method, setting)).toList();
    if (method.combinations().size() == 1) {
      return whole.isEmpty() ? null : whole.get(0);
    }
    double most =
        whole.stream()
            .mapToDouble(setting -> rank(method, setting, method.metric()))
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    SweepMetric tie = file.tieMetric();
    Map<String, Object> best = null;
    double bestRank = 0;
    for (Map<String, Object> setting : whole) {
      // The margin keeps decimal fractions such as 1/175 from being cut by their last bit.
      if (rank(method, setting, method.metric()) >= most - file.tieWithin() - 1e-12) {
        double rank = rank(method, setting, tie == null ? method.metric() : tie);
        if (best == null || rank > bestRank) {
          best = setting;
          bestRank = rank;
        }
      }
    }
    return best;
  }

  private boolean isWhole(SweepMethod method, Map<String, Object> setting) {
    List<SweepRecord> of = of(method, setting);
    return !of.isEmpty()
        && of.stream().allMatch(record -> record.state() == SweepRecord.State.FINISHED);
  }

  private double rank(SweepMethod method, Map<String, Object> setting, SweepMetric metric) {
    return metric.rank(
        of(method, setting).stream()
            .mapToDouble(record -> value(record, metric.name()))
            .average()
            .orElse(Double.NaN));
  }

  private static double value(SweepRecord record, String metric) {
    Map<String, Double> evaluation = record.evaluation();
    Double value = evaluation.get(metric);
    if (value == null) {
      throw new InputException(
          "metric must be one of the evaluation's, "
              + evaluation.keySet()
              + ", got "
              + metric
              + "; the runs are kept, set another metric");
    }
    return value;
  }

  private List<SweepRecord> of(SweepMethod method, Map<String, Object> setting) {
    return records.stream()
        .filter(
            record ->
                record.run().method().equals(method.name())
                    && record.run().setting().equals(setting)
                    && file.searchSeeds().contains(record.run().seed()))
        .toList();
  }

  /** Returns the finished runs of a setting with the seeds of the comparison. */
  List<SweepRecord> finished(SweepMethod method, Map<String, Object> setting) {
    return records.stream()
        .filter(
            record ->
                record.run().method().equals(method.name())
                    && record.run().setting().equals(setting)
                    && file.seeds().contains(record.run().seed())
                    && record.state() == SweepRecord.State.FINISHED)
        .toList();
  }
}
