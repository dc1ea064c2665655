package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.data.Parsed;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.DataStats;
import io.dil.data.stream.ExampleReader;
import io.dil.data.token.ExampleTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil data}: looks at a data set before anything is trained on it. */
@Command(
    name = "data",
    description = "Look at a data set: its rows, its lengths, and what would be dropped.",
    subcommands = {DataCommand.Inspect.class, DataCommand.Stats.class},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "SPEC is FORMAT:PLACE, for instance hh:train.jsonl.gz or auto:data/*.parquet",
    })
public final class DataCommand implements Runnable {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = Objects.requireNonNull(spec);
    throw new ParameterException(
        known.commandLine(),
        "data needs one of " + String.join(", ", known.subcommands().keySet()) + ", got none");
  }

  /** What both commands are asked. */
  static final class Source {
    @Parameters(
        index = "0",
        paramLabel = "SPEC",
        description = "FORMAT:PLACE; PLACE is a file, folder, glob or hf:// address.")
    private String place = "";

    @Mixin private TokenizerOptions tokens = new TokenizerOptions();

    @Option(
        names = "--on-bad-row",
        paramLabel = "fail|skip",
        description = "Fail at a malformed row, or count and skip it; default ${DEFAULT-VALUE}.")
    private String onBadRow = "fail";

    @Option(
        names = "--skip",
        paramLabel = "N",
        description = "Pass over the first N rows; default ${DEFAULT-VALUE}.")
    private long skip;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    private DataSpec spec() {
      return DataSpec.parse(place);
    }

    private DataConfig config(DataSpec spec, long limit) {
      DataConfig.OnBadRow answer =
          switch (onBadRow) {
            case "fail" -> DataConfig.OnBadRow.FAIL;
            case "skip" -> DataConfig.OnBadRow.SKIP;
            default ->
                throw new InputException("--on-bad-row must be fail or skip, got " + onBadRow);
          };
      return DataConfig.of(spec).withRows(skip, limit).withOnBadRow(answer);
    }

    private ExampleTokenizer tokenizer(Path folder) {
      return tokens.load(folder);
    }

    /** On standard error, so that JSON stays whole. */
    private void tellGuess(CommandSpec command, DataSpec spec) {
      GuessedFormat.tell(place, spec, command.commandLine().getErr());
    }
  }

  /** {@code dil data inspect}: rows as text and as tokens. */
  @Command(
      name = "inspect",
      description = "Show rows as text and as tokens, with the prompt's boundary marked.",
      mixinStandardHelpOptions = true)
  static final class Inspect implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private Source source = new Source();

    @Option(
        names = "--tokenizer",
        paramLabel = "DIR",
        description = "A model folder; shows its tokens.")
    private @Nullable Path folder;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "Show N rows; default ${DEFAULT-VALUE}.")
    private long limit = 3;

    @Override
    public Integer call() {
      CommandSpec command = Objects.requireNonNull(spec);
      DataSpec data = source.spec();
      source.tellGuess(command, data);
      Optional<ExampleTokenizer> tokenizer = Optional.ofNullable(folder).map(source::tokenizer);
      ExampleView view = new ExampleView(tokenizer, Ansi.AUTO.enabled());
      PrintWriter out = command.commandLine().getOut();
      try (ExampleReader rows = ExampleReader.open(source.config(data, limit))) {
        while (rows.hasNext()) {
          Parsed row = rows.next();
          out.println(source.json ? write(view.json(row)) : view.text(row));
        }
      }
      out.flush();
      return 0;
    }
  }

  /** {@code dil data stats}: rows, drops, lengths. */
  @Command(
      name = "stats",
      description = "Count rows, drops and lengths.",
      mixinStandardHelpOptions = true)
  static final class Stats implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private Source source = new Source();

    @Option(
        names = "--tokenizer",
        paramLabel = "DIR",
        description = "A model folder; lengths are then tokens and not characters.")
    private @Nullable Path folder;

    @Option(names = "--limit", paramLabel = "N", description = "Look at N rows only.")
    private long limit = Long.MAX_VALUE;

    @Option(
        names = "--html",
        paramLabel = "FILE",
        description = "Also write a page with histograms.")
    private @Nullable Path html;

    @Override
    public Integer call() throws IOException {
      CommandSpec command = Objects.requireNonNull(spec);
      DataSpec data = source.spec();
      source.tellGuess(command, data);
      Optional<ExampleTokenizer> tokenizer = Optional.ofNullable(folder).map(source::tokenizer);
      DataStats stats = DataStats.of(source.config(data, limit), tokenizer);
      StatsView view = new StatsView(data.toString(), stats);
      PrintWriter out = command.commandLine().getOut();
      out.println(source.json ? write(view.json()) : view.table());
      out.flush();
      if (html != null) {
        writePage(html, view.page());
      }
      return 0;
    }

    private static void writePage(Path file, String page) {
      try {
        AtomicFile.write(file, page.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new InputException(
            file + ": cannot be written: " + e.getClass().getSimpleName().toLowerCase(Locale.ROOT),
            e);
      }
    }
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values can always be written", e);
    }
  }
}
