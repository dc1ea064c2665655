package io.dil.train.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a task or a benchmark of several parts came to.
 *
 * @param name the task's name, or the benchmark's
 * @param group the benchmark that it is a part of; its own name if it is whole
 * @param version the harness's version
 * @param metrics means by the metrics' names, the leaderboard's first
 * @param normalized the leaderboard's number for the first metric, 0 for guessing and 100 for all
 *     right; empty where it has none
 * @param cut rows whose context lost its start
 * @param goldless rows whose right answer is not among the choices
 */
public record TaskResult(
    String name,
    String group,
    String version,
    Map<String, Statistic> metrics,
    OptionalDouble normalized,
    int cut,
    int goldless) {
  /** Keeps the metrics' order. */
  public TaskResult {
    metrics = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** Returns the number of rows. */
  public int rows() {
    return first().rows();
  }

  /** Returns the first metric's mean. */
  public Statistic first() {
    return metrics.values().iterator().next();
  }

  static TaskResult of(Task task, List<RowResult> rows) {
    Map<String, Statistic> metrics = new LinkedHashMap<>();
    for (int i = 0; i < task.metrics().size(); i++) {
      int index = i;
      metrics.put(
          task.metrics().get(i).name(),
          Statistic.of(rows.stream().map(row -> row.values().get(index)).toList()));
    }
    double mean = metrics.values().iterator().next().mean();
    OptionalDouble normalized = OptionalDouble.empty();
    if (task.chance().isPresent()) {
      double chance = task.chance().getAsDouble();
      normalized = OptionalDouble.of(Math.max(mean - chance, 0) / (1 - chance) * 100);
    }
    return new TaskResult(
        task.name(),
        task.group(),
        task.version(),
        metrics,
        normalized,
        (int) rows.stream().filter(RowResult::cut).count(),
        (int) rows.stream().filter(RowResult::goldless).count());
  }

  /**
   * Returns the benchmarks that results are parts of, in their order, each before its parts: means
   * weighted by rows, and the mean of the parts' normalised numbers.
   */
  public static List<TaskResult> withGroups(List<TaskResult> parts) {
    Map<String, List<TaskResult>> groups = new LinkedHashMap<>();
    for (TaskResult part : parts) {
      groups.computeIfAbsent(part.group, name -> new ArrayList<>()).add(part);
    }
    List<TaskResult> all = new ArrayList<>();
    groups.forEach(
        (name, members) -> {
          if (members.size() > 1) {
            all.add(grouped(name, members));
          }
          all.addAll(members);
        });
    return all;
  }

  private static TaskResult grouped(String name, List<TaskResult> parts) {
    Map<String, Statistic> metrics = new LinkedHashMap<>();
    for (String metric : parts.get(0).metrics.keySet()) {
      List<Statistic> all = new ArrayList<>();
      for (TaskResult part : parts) {
        Statistic one = part.metrics.get(metric);
        if (one != null) {
          all.add(one);
        }
      }
      metrics.put(metric, Statistic.pooled(all));
    }
    return new TaskResult(
        name,
        name,
        parts.get(0).version,
        metrics,
        parts.stream().anyMatch(part -> part.normalized.isEmpty())
            ? OptionalDouble.empty()
            : parts.stream().mapToDouble(part -> part.normalized.orElseThrow()).average(),
        parts.stream().mapToInt(TaskResult::cut).sum(),
        parts.stream().mapToInt(TaskResult::goldless).sum());
  }
}
