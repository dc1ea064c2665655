package io.dil.train.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dil.core.InputException;
import io.dil.train.judge.Wilson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Several runs on one page: their dynamics, as in the paper's Figure 2, and a table. */
public final class Comparison {
  private final List<StoredRun> runs;
  private final List<RunGroup> groups;

  private Comparison(List<StoredRun> runs, List<RunGroup> groups) {
    this.runs = runs;
    this.groups = groups;
  }

  /**
   * Reads runs.
   *
   * @param folders their folders, at least one
   * @throws InputException if one is not a run's, or they are too many to tell apart
   */
  public static Comparison of(List<Path> folders) {
    if (folders.isEmpty() || folders.size() > RunChart.MOST_RUNS) {
      throw new InputException(
          "runs must be 1 to " + RunChart.MOST_RUNS + " folders, got " + folders.size());
    }
    List<StoredRun> runs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path folder : folders) {
      Path last = folder.toAbsolutePath().normalize().getFileName();
      String name = last == null ? folder.toString() : last.toString();
      runs.add(StoredRun.read(folder, names.add(name) ? name : folder.toString()));
    }
    return new Comparison(runs, runs.stream().map(RunGroup::of).toList());
  }

  /**
   * Reads groups of runs, each of which is one line with a band.
   *
   * @param folders the runs' folders by the group's name; the first {@value RunChart#MOST_RUNS}
   *     groups are shown
   * @throws InputException if one is not a run's
   */
  public static Comparison ofGroups(Map<String, List<Path>> folders) {
    List<StoredRun> runs = new ArrayList<>();
    List<RunGroup> groups = new ArrayList<>();
    folders.forEach(
        (name, of) -> {
          if (groups.size() < RunChart.MOST_RUNS) {
            List<StoredRun> read =
                of.stream()
                    .map(folder -> StoredRun.read(folder, String.valueOf(folder.getFileName())))
                    .toList();
            groups.add(new RunGroup(name, read));
            runs.addAll(read);
          }
        });
    return new Comparison(runs, groups);
  }

  /** Returns the table's cells, a map a run. */
  public List<Map<String, String>> table() {
    return RunTable.of(runs);
  }

  /** Returns the page. */
  public String html() throws IOException {
    String title = runs.size() == 1 ? runs.get(0).name() : runs.size() + " runs";
    return page(title, sentence(), warnings(), RunTable.html(table()), "");
  }

  /**
   * Returns the page of a sweep.
   *
   * @param headline what it found, in a sentence
   * @param notes what a reader must know besides
   * @param rule how the runs that are shown were chosen
   * @param methods the table above the charts
   * @param all the table of every run, below them
   */
  public String html(
      String title,
      String headline,
      List<String> notes,
      String rule,
      List<Map<String, String>> methods,
      List<Map<String, String>> all)
      throws IOException {
    return page(
        title,
        headline,
        notes,
        "<p class=\"legend\">" + Escape.html(rule) + "</p>" + RunTable.html(methods),
        "<section><h2>All runs</h2>" + RunTable.html(all) + "</section>");
  }

  private String page(
      String title, String headline, List<String> warnings, String above, String below)
      throws IOException {
    List<RunChart> charts = RunChart.of(groups);
    ArrayNode data = JsonNodeFactory.instance.arrayNode();
    StringBuilder figures = new StringBuilder();
    for (RunChart chart : charts) {
      data.add(chart.toJson(groups));
      figures.append(chart.html(groups));
    }
    StringBuilder body = new StringBuilder("<header><h1>");
    body.append(Escape.html(title)).append("</h1><p class=\"headline\">");
    body.append(Escape.html(headline)).append("</p>");
    for (String warning : warnings) {
      body.append("<p class=\"warning\" role=\"alert\">").append(Escape.html(warning));
      body.append("</p>\n");
    }
    body.append("</header>").append(above);
    if (!charts.isEmpty()) {
      body.append(
          "<section><h2>Dynamics</h2><p class=\"legend\">The figure after a name is its last");
      body.append(
          " value, or that under the pointer. Drag over a chart to zoom in, double-click to zoom");
      body.append(" out.</p><div class=\"charts\">");
      body.append(figures).append("</div></section>");
    }
    body.append(below);
    return charts.isEmpty()
        ? Shell.page(title, body.toString())
        : Shell.withCharts(title, body.toString(), data.toString());
  }

  /** Says which run ranks best on held-out pairs, and whether that is more than chance. */
  private String sentence() {
    StoredRun best = null;
    Wilson highest = null;
    double lowestHigh = 1;
    int known = 0;
    for (StoredRun run : runs) {
      Optional<Wilson> interval = RunTable.interval(run);
      if (interval.isEmpty()) {
        continue;
      }
      known++;
      lowestHigh = Math.min(lowestHigh, interval.get().high());
      if (highest == null || interval.get().share() > highest.share()) {
        highest = interval.get();
        best = run;
      }
    }
    if (highest == null || best == null) {
      return "No run has a held-out accuracy, so nothing here says which model is better.";
    }
    String accuracy =
        "%s has a held-out accuracy of %s (%d pairs, 95\u00a0%% interval %s to %s)"
            .formatted(
                best.name(),
                Numbers.percent(highest.share()),
                highest.count(),
                Numbers.percent(highest.low()),
                Numbers.percent(highest.high()));
    if (known < 2) {
      return accuracy + ".";
    }
    return accuracy
        + (lowestHigh < highest.low()
            ? "; none is higher, and the lowest of the others lies outside of its interval."
            : "; none is higher, but all intervals overlap: these pairs do not tell the runs apart.");
  }

  private List<String> warnings() {
    List<String> all = new ArrayList<>();
    for (StoredRun run : runs) {
      for (String warning : Headline.of(run.data()).warnings()) {
        all.add(run.name() + ": " + warning);
      }
    }
    return all;
  }
}
