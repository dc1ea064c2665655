package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.report.Comparison;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil report}: several runs on one page. */
@Command(
    name = "report",
    description = {
      "Compare runs on one page.",
      "It shows how chosen and rejected log-probabilities move, margins, accuracy and held-out loss,",
      "and a table with the results of dil eval and dil judge that lie in the folders."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {"", "Example: dil report runs/dil runs/dpo runs/simpo --out compared.html"})
public final class ReportCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Output folders of dil train.")
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--out",
      defaultValue = "runs.html",
      paramLabel = "FILE",
      description = "The page (default: ${DEFAULT-VALUE}).")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the table as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Comparison comparison = Comparison.of(runs);
    Path page = Objects.requireNonNull(out);
    AtomicFile.write(page, comparison.html().getBytes(StandardCharsets.UTF_8));
    List<Map<String, String>> table = comparison.table();
    PrintWriter console = Objects.requireNonNull(spec).commandLine().getOut();
    if (json) {
      console.println(
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(table));
    } else {
      print(console, table);
      console.println("page: " + page);
    }
    console.flush();
    return Dil.OK;
  }

  /** Prints a block a run: with benchmarks a line would be too long for a terminal. */
  private static void print(PrintWriter console, List<Map<String, String>> table) {
    Set<String> columns = new LinkedHashSet<>();
    table.forEach(row -> columns.addAll(row.keySet()));
    int width = columns.stream().mapToInt(String::length).max().orElse(0);
    for (Map<String, String> row : table) {
      row.forEach(
          (name, value) -> console.println(name + " ".repeat(width - name.length() + 2) + value));
      console.println();
    }
  }
}
