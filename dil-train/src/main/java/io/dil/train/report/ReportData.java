package io.dil.train.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that a report shows.
 *
 * <p>A row of metrics maps a metric's name to its value and holds at least {@code "step"}. Names
 * are those of {@code metrics.jsonl}: {@code loss}, {@code rewards/margins}, {@code logps/chosen}
 * and so on; those measured on held-out pairs begin with {@code eval_}. A value may be NaN or
 * infinite: it is left out of a curve and mentioned at the top.
 *
 * @param title what was trained, on what, with which loss
 * @param summary facts about the run by their name, in the order in which they are shown
 * @param steps a row for each optimiser step, in any order; of two rows for one step, which a
 *     resumed run may leave, the later counts
 * @param evaluations a row for each evaluation, under the same rules
 * @param settings the run's settings by their name, in the order in which they are shown
 * @param generations answers before and after training
 */
public record ReportData(
    String title,
    Map<String, String> summary,
    List<Map<String, Double>> steps,
    List<Map<String, Double>> evaluations,
    Map<String, String> settings,
    List<GenerationSample> generations) {

  /** Copies everything, sorts rows by step and keeps one for each. */
  public ReportData {
    summary = Collections.unmodifiableMap(new LinkedHashMap<>(summary));
    steps = byStep("steps", steps);
    evaluations = byStep("evaluations", evaluations);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    generations = List.copyOf(generations);
  }

  private static List<Map<String, Double>> byStep(String name, List<Map<String, Double>> rows) {
    TreeMap<Double, Map<String, Double>> sorted = new TreeMap<>();
    for (int i = 0; i < rows.size(); i++) {
      Double step = rows.get(i).get("step");
      if (step == null || !Double.isFinite(step)) {
        throw new IllegalArgumentException(
            "row %d of %s must have a finite step, got %s".formatted(i, name, rows.get(i)));
      }
      sorted.put(step, Collections.unmodifiableMap(new LinkedHashMap<>(rows.get(i))));
    }
    return Collections.unmodifiableList(new ArrayList<>(sorted.values()));
  }
}
