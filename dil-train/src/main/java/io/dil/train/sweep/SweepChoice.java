package io.dil.train.sweep;

import io.dil.core.InputException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Which setting of a method is the best: that with the best mean of the metric over the search's
 * seeds, in the last evaluation of each run. Of equals it is the first in the order of the file. A
 * setting whose runs did not all finish is out.
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
    return (file.greaterIsBetter() ? "largest " : "smallest ")
        + file.metric()
        + " of the last evaluation"
        + (file.searchSeeds().size() > 1
            ? ", mean over seeds " + file.searchSeeds()
            : ", seed " + file.searchSeeds().get(0))
        + "; of equals the first in the order of the file";
  }

  /**
   * Returns the best setting of a method; null where none was trained to its end.
   *
   * @throws InputException if the evaluations do not have the metric
   */
  @Nullable Map<String, Object> best(SweepMethod method) {
    List<Map<String, Object>> settings = method.combinations();
    Map<String, Object> best = null;
    double most = 0;
    for (Map<String, Object> setting : settings) {
      List<SweepRecord> of = of(method, setting);
      if (of.isEmpty() || !of.stream().allMatch(record -> record.hasState("finished"))) {
        continue;
      }
      if (settings.size() == 1) {
        return setting;
      }
      double mean = of.stream().mapToDouble(this::value).average().orElseThrow();
      double rank = file.greaterIsBetter() ? mean : -mean;
      if (Double.isFinite(rank) && (best == null || rank > most)) {
        best = setting;
        most = rank;
      }
    }
    return best;
  }

  private double value(SweepRecord record) {
    Map<String, Double> evaluation = record.evaluation();
    Double value = evaluation.get(file.metric());
    if (value == null) {
      throw new InputException(
          "metric must be one of the evaluation's, "
              + evaluation.keySet()
              + ", got "
              + file.metric()
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

  /** Returns the finished runs of a setting, whatever their seed. */
  List<SweepRecord> finished(SweepMethod method, Map<String, Object> setting) {
    return records.stream()
        .filter(
            record ->
                record.run().method().equals(method.name())
                    && record.run().setting().equals(setting)
                    && record.hasState("finished"))
        .toList();
  }

  /** Returns the mean of the metric over the search's seeds; empty where it is not known. */
  OptionalDouble mean(SweepMethod method, Map<String, Object> setting) {
    return of(method, setting).stream()
        .map(record -> record.evaluation().get(file.metric()))
        .filter(value -> value != null)
        .mapToDouble(Double::doubleValue)
        .average();
  }
}
