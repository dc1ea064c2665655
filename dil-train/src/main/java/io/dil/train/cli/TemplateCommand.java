package io.dil.train.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.source.Containers;
import io.dil.data.source.DataFile;
import io.dil.data.source.Row;
import io.dil.data.source.RowReader;
import io.dil.data.template.ChatTemplate;
import io.dil.data.template.TemplateRefusal;
import io.dil.data.token.TemplateTokens;
import io.dil.train.ChatTemplateFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    subcommands = TemplateCommand.Render.class,
    mixinStandardHelpOptions = true)
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
      mixinStandardHelpOptions = true,
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

    @Option(names = "--json", description = "Print JSON lines, the only form there is.")
    @SuppressWarnings("UnusedVariable") // Taken, as by the other commands.
    private boolean json;

    @Override
    public Integer call() {
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      Map<String, String> tokens = tokens();
      String source = ChatTemplateFile.read(file).orElse("");
      Optional<ChatTemplate> template = Optional.empty();
      InputException unreadable = null;
      try {
        template = Optional.of(ChatTemplate.of(source, tokens));
      } catch (InputException e) {
        unreadable = new InputException(file + ": " + e.getMessage(), e);
      }
      try (RowReader reader = Containers.open(DataFile.of(rows))) {
        for (Row row = reader.next(); row != null; row = reader.next()) {
          ObjectNode shown = JsonNodeFactory.instance.objectNode();
          if (template.isPresent()) {
            render(template.get(), row, shown);
          } else {
            shown.put("error", Objects.requireNonNull(unreadable).getMessage());
          }
          out.println(JSON.writeValueAsString(shown));
        }
      } catch (IOException e) {
        throw new InputException(rows + ": cannot be read: " + e.getMessage(), e);
      }
      out.flush();
      if (unreadable != null) {
        throw unreadable;
      }
      return Dil.OK;
    }

    private Map<String, String> tokens() {
      Map<String, String> tokens = new LinkedHashMap<>();
      if (tokenizer != null) {
        tokens.putAll(TemplateTokens.of(tokenizer));
      }
      if (bos != null) {
        tokens.put("bos_token", bos);
      }
      if (eos != null) {
        tokens.put("eos_token", eos);
      }
      return tokens;
    }

    private void render(ChatTemplate template, Row row, ObjectNode shown) {
      JsonNode columns = row.columns();
      JsonNode messages = columns.get("messages");
      if (messages == null) {
        throw new InputException(row.place() + ": row must have messages, got none");
      }
      JsonNode arguments = columns.get("kwargs");
      try {
        shown.put(
            "out",
            template.render(
                messages,
                columns.path("tools"),
                arguments == null || arguments.isNull()
                    ? JsonNodeFactory.instance.objectNode()
                    : arguments,
                generationPrompt));
      } catch (InputException | TemplateRefusal e) {
        shown.put("error", e.getMessage());
      }
    }
  }
}
