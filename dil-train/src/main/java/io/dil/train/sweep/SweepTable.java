package io.dil.train.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.train.report.Comparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a sweep knows so far: as JSON, as a table and as a page. */
final class SweepTable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the table of the methods shows of the test pairs; the JSON has all. */
  private static final List<String> TEST =
      List.of(
          "accuracies",
          "accuracies_balanced",
          "margin",
          "chosen_drift",
          "rejected_drift",
          "chosen_drift_per_token",
          "rejected_drift_per_token");

  /** The same of the evaluation, where there are no test pairs. */
  private static final List<String> EVALUATION =
      List.of(
          "eval_rewards/margins",
          "eval_logps/chosen_drift",
          "eval_logps/rejected_drift",
          "eval_logps/chosen_drift_per_token",
          "eval_logps/rejected_drift_per_token");

  private final SweepFile file;
  private final List<SweepRecord> records;
  private final SweepChoice choice;
  private final Map<SweepMethod, Map<String, Object>> best = new LinkedHashMap<>();
  private final Map<SweepMethod, Map<String, double[]>> draws = new LinkedHashMap<>();
  private @Nullable Bootstrap bootstrap;

  SweepTable(SweepFile file, List<SweepRecord> records) {
    this.file = file;
    this.records = records;
    this.choice = new SweepChoice(file, records);
    for (SweepMethod method : file.methods()) {
      @Nullable Map<String, Object> setting = searched(method) ? choice.best(method) : null;
      if (setting != null) {
        best.put(method, setting);
      }
    }
    draw();
  }

  /** Draws test pairs anew, the same for every method; nothing where none were measured. */
  private void draw() {
    for (SweepMethod method : best.keySet()) {
      List<TestScores> scores =
          runs(method).stream().map(SweepRecord::scores).filter(Objects::nonNull).toList();
      if (scores.isEmpty()) {
        continue;
      }
      if (bootstrap == null) {
        bootstrap = new Bootstrap(scores.get(0).pairs());
      }
      draws.put(method, bootstrap.values(scores));
    }
  }

  private String first() {
    return best.keySet().iterator().next().name();
  }

  /** Returns the intervals of a method's metrics less those of the first one. */
  private Map<String, Bootstrap.Interval> difference(SweepMethod method) {
    Map<String, double[]> own = draws.get(method);
    Map<String, double[]> others = draws.get(best.keySet().iterator().next());
    return own == null || others == null || own == others
        ? Map.of()
        : Bootstrap.differences(own, others);
  }

  private static String pointer(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static void put(ObjectNode node, Bootstrap.Interval interval) {
    node.putArray("interval").add(interval.low()).add(interval.high());
  }

  /** Returns whether all settings of a method have been tried: before that, none is the best. */
  private boolean searched(SweepMethod method) {
    return records.stream()
        .filter(record -> record.run().method().equals(method.name()))
        .noneMatch(record -> record.state().isOpen());
  }

  private List<SweepRecord> runs(SweepMethod method) {
    Map<String, Object> setting = best.get(method);
    return setting == null ? List.of() : choice.finished(method, setting);
  }

  private static Map<String, Spread> spreads(
      List<SweepRecord> runs, Function<SweepRecord, Map<String, Double>> metrics) {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    for (SweepRecord run : runs) {
      metrics
          .apply(run)
          .forEach(
              (name, value) -> values.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    Map<String, Spread> spreads = new LinkedHashMap<>();
    values.forEach((name, all) -> spreads.put(name, Spread.of(all)));
    return spreads;
  }

  ObjectNode toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("rule", SweepChoice.rule(file));
    root.put("test_dataset", file.testDataset());
    ObjectNode methods = root.putObject("methods");
    for (SweepMethod method : best.keySet()) {
      ObjectNode one = methods.putObject(method.name());
      one.set("best", JSON.valueToTree(best.get(method)));
      List<SweepRecord> runs = runs(method);
      one.set("seeds", JSON.valueToTree(runs.stream().map(run -> run.run().seed()).toList()));
      ObjectNode evaluation = one.putObject("evaluation");
      spreads(runs, SweepRecord::evaluation)
          .forEach((name, spread) -> evaluation.set(name, spread.toJson()));
      spreads(runs, SweepRecord::test)
          .forEach((name, spread) -> one.withObject("/test").set(name, spread.toJson()));
      Bootstrap.intervals(draws.getOrDefault(method, Map.of()))
          .forEach((name, interval) -> put(one.withObject("/test/" + pointer(name)), interval));
      difference(method)
          .forEach(
              (name, interval) -> {
                ObjectNode against = one.withObject("/against").put("method", first());
                put(against.withObject("/difference/" + pointer(name)), interval);
              });
    }
    records.forEach(record -> root.withArray("/runs").add(record.toJson()));
    return root;
  }

  /** Returns a row per method whose search is over. */
  List<Map<String, String>> methods() {
    List<Map<String, String>> rows = new ArrayList<>();
    for (SweepMethod method : best.keySet()) {
      List<SweepRecord> runs = runs(method);
      Map<String, String> row = new LinkedHashMap<>();
      row.put("method", method.name());
      row.put("best setting", text(best.get(method)));
      row.put("seeds", String.valueOf(runs.size()));
      Map<String, Spread> evaluation = spreads(runs, SweepRecord::evaluation);
      String metric = method.metric().name();
      put(row, metric, evaluation.get(metric));
      Map<String, Spread> test = spreads(runs, SweepRecord::test);
      if (test.isEmpty()) {
        EVALUATION.forEach(name -> put(row, name, evaluation.get(name)));
      } else {
        Map<String, Bootstrap.Interval> intervals =
            Bootstrap.intervals(draws.getOrDefault(method, Map.of()));
        for (String name : TEST) {
          put(row, "test " + name, test.get(name));
          Bootstrap.Interval interval = intervals.get(name);
          if (interval != null && row.containsKey("test " + name)) {
            row.merge(
                "test " + name,
                " (%s to %s)"
                    .formatted(Spread.digits(interval.low(), 3), Spread.digits(interval.high(), 3)),
                String::concat);
          }
        }
      }
      rows.add(row);
    }
    return rows;
  }

  private static void put(Map<String, String> row, String name, @Nullable Spread spread) {
    if (spread != null) {
      row.put(name, spread.text());
    }
  }

  private static String text(@Nullable Map<String, Object> setting) {
    return setting == null || setting.isEmpty()
        ? "nothing to search"
        : setting.entrySet().stream()
            .map(entry -> entry.getKey() + " " + SweepRun.text(entry.getValue()))
            .collect(Collectors.joining(", "));
  }

  private List<Map<String, String>> all() {
    List<Map<String, String>> rows = new ArrayList<>();
    for (SweepRecord record : records) {
      Map<String, String> row = new LinkedHashMap<>();
      row.put("method", record.run().method());
      row.put("setting", text(record.run().setting()));
      row.put("seed", String.valueOf(record.run().seed()));
      row.put("state", record.state().toString());
      for (String metric : metrics()) {
        Double value = record.evaluation().get(metric);
        if (value != null) {
          row.put(metric, Spread.digits(value, 4));
        }
      }
      if (!record.problem().isEmpty()) {
        row.put("problem", record.problem());
      }
      rows.add(row);
    }
    return rows;
  }

  /** Returns every metric that a choice looks at. */
  private Set<String> metrics() {
    Set<String> names = new LinkedHashSet<>();
    file.methods().forEach(method -> names.add(method.metric().name()));
    SweepMetric tie = file.tieMetric();
    if (tie != null) {
      names.add(tie.name());
    }
    return names;
  }

  /** Returns the page. */
  String page(Path sweep) throws IOException {
    Map<String, List<Path>> lines = new LinkedHashMap<>();
    for (SweepMethod method : best.keySet()) {
      List<SweepRecord> runs = runs(method);
      if (!runs.isEmpty()) {
        lines.put(method.name(), runs.stream().map(run -> run.run().folder(sweep)).toList());
      }
    }
    List<String> notes = new ArrayList<>();
    long open = records.stream().filter(record -> record.state().isOpen()).count();
    if (open > 0) {
      notes.add(open + " of " + records.size() + " runs are not trained yet.");
    }
    records.stream()
        .filter(record -> record.state() == SweepRecord.State.FAILED)
        .forEach(record -> notes.add(record.run().name() + " failed: " + record.problem()));
    return Comparison.ofGroups(lines)
        .html(
            String.valueOf(sweep.toAbsolutePath().normalize().getFileName()),
            headline(),
            notes,
            "Each method is shown with its best setting, which has the "
                + SweepChoice.rule(file)
                + ". Settings and runs are at the end.",
            methods(),
            all());
  }

  /** Says which method is ahead, and whether the seeds agree on it. */
  private String headline() {
    boolean tested = records.stream().anyMatch(record -> !record.test().isEmpty());
    String metric = tested ? "accuracies" : file.metric().name();
    boolean greater = tested || file.metric().greater();
    Map<String, Spread> values = new LinkedHashMap<>();
    for (SweepMethod method : best.keySet()) {
      Spread spread =
          spreads(runs(method), tested ? SweepRecord::test : SweepRecord::evaluation).get(metric);
      if (spread != null) {
        values.put(method.name(), spread);
      }
    }
    if (values.size() < 2) {
      return values.isEmpty() ? "No method's search is over yet." : "There is one method.";
    }
    List<Map.Entry<String, Spread>> order =
        values.entrySet().stream()
            .sorted(
                (one, other) ->
                    Double.compare(other.getValue().mean(), one.getValue().mean())
                        * (greater ? 1 : -1))
            .toList();
    Spread first = order.get(0).getValue();
    Spread second = order.get(1).getValue();
    boolean apart = greater ? first.low() > second.high() : first.high() < second.low();
    return "On %s, %s is ahead with %s (%d seeds), then %s with %s; %s"
        .formatted(
            tested ? "the test pairs' accuracy" : metric,
            order.get(0).getKey(),
            first.text(),
            first.n(),
            order.get(1).getKey(),
            second.text(),
            first.n() < 2 || second.n() < 2
                ? "one seed does not tell whether that is more than chance."
                : apart
                    ? "each seed of the first is ahead of each of the second."
                    : "their seeds overlap, so this does not tell them apart.");
  }
}
