package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.data.template.ChatTemplate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil template}: looks at a chat template. */
@Command(
    name = "template",
    description = "Look at a chat template: what it makes of a conversation.",
    subcommands = TemplateCommand.Render.class)
public final class TemplateCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = Objects.requireNonNull(spec);
    throw new ParameterException(
        known.commandLine(),
        "template needs one of " + String.join(", ", known.subcommands().keySet()) + ", got none");
  }

  /** {@code dil template render}: conversations as the model reads them. */
  @Command(
      name = "render",
      description = "Render conversations with a chat template, one JSON line each.",
      footer = {
        "",
        "A row is {\"messages\": [...], \"tools\": [...], \"kwargs\": {...}}; the last two may be left out.",
        "What comes out is {\"out\": text}, or {\"error\": message} where the template fails.",
      })
  static final class Render implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The template, a Jinja file.")
    private Path file = Path.of("");

    @Option(
        names = "--rows",
        paramLabel = "FILE",
        required = true,
        description = "Conversations as JSON lines.")
    private Path rows = Path.of("");

    @Option(
        names = "--tokenizer",
        paramLabel = "DIR",
        description = "A model folder, whose special tokens the template is given.")
    private @Nullable Path tokenizer;

    @Option(names = "--bos", paramLabel = "TEXT", description = "What bos_token stands for.")
    private @Nullable String bos;

    @Option(names = "--eos", paramLabel = "TEXT", description = "What eos_token stands for.")
    private @Nullable String eos;

    @Option(
        names = "--add-generation-prompt",
        description = "Write what introduces the model's next turn.")
    private boolean generationPrompt;

    @Option(names = "--json", description = "Print JSON, which is the only form there is.")
    private boolean json;

    @Override
    public Integer call() {
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      ChatTemplate template = template();
      long line = 0;
      try (BufferedReader reader = Files.newBufferedReader(rows, StandardCharsets.UTF_8)) {
        for (String row = reader.readLine(); row != null; row = reader.readLine()) {
          line++;
          if (!row.isBlank()) {
            out.println(JSON.writeValueAsString(rendered(template, row, line)));
          }
        }
      } catch (IOException e) {
        throw new InputException(rows + ": cannot be read: " + e.getMessage(), e);
      }
      out.flush();
      return Dil.OK;
    }
  }
}
