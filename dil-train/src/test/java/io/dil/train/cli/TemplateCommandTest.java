package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class TemplateCommandTest {
  @TempDir private Path folder;
  private Path template;
  private Path rows;

  @BeforeEach
  void write() throws Exception {
    template = folder.resolve("template.jinja");
    rows = folder.resolve("rows.jsonl");
    Files.writeString(
        template,
        """
        {{- bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}
        {% endfor %}{{ tools|length if tools else '' }}{{ x }}
        {%- if add_generation_prompt %}assistant:{% endif %}
        """);
    Files.writeString(
        rows,
        """
        {"messages": [{"role": "user", "content": "é"}], "tools": [{"name": "t"}], "kwargs": {"x": 2.5}}
        {"messages": [{"role": "user", "content": "q"}]}
        {"messages": "no list"}
        """);
  }

  /** Returns the lines that were printed, and the failure's message last if there was one. */
  private static List<JsonNode> run(String... arguments) throws Exception {
    StringWriter out = new StringWriter();
    AtomicReference<Exception> failure = new AtomicReference<>();
    new CommandLine(new TemplateCommand())
        .setOut(new PrintWriter(out))
        .setExecutionExceptionHandler(
            (error, command, parsed) -> {
              failure.set(error);
              return 2;
            })
        .execute(arguments);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    if (failure.get() != null) {
      assertTrue(failure.get() instanceof InputException, failure.get()::toString);
      lines.add(new ObjectMapper().valueToTree(failure.get().getMessage()));
    }
    return lines;
  }

  @Test
  void rendersRows() throws Exception {
    List<JsonNode> lines =
        run(
            "render",
            template.toString(),
            "--rows",
            rows.toString(),
            "--bos",
            "<s>",
            "--eos",
            "</s>",
            "--add-generation-prompt",
            "--json");
    assertEquals(3, lines.size());
    assertEquals("<s>user: é</s>\n12.5assistant:", lines.get(0).get("out").asText());
    assertEquals("<s>user: q</s>\nassistant:", lines.get(1).get("out").asText());
    assertEquals("messages must be a list, got string", lines.get(2).get("error").asText());
  }

  @Test
  void takesTheTokensOfATokenizer() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("tokenizer.json"), "{\"added_tokens\": []}");
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<b>\", \"eos_token\": {\"content\": \"<e>\"}}");
    List<JsonNode> lines =
        run(
            "render",
            template.toString(),
            "--rows",
            rows.toString(),
            "--tokenizer",
            model.toString(),
            "--eos",
            "!");
    assertEquals("<b>user: q!\n", lines.get(1).get("out").asText());
  }

  @Test
  void saysForEveryRowThatATemplateCannotBeRead() throws Exception {
    Files.writeString(template, "a\n{{ x|nosuch }}");
    List<JsonNode> lines = run("render", template.toString(), "--rows", rows.toString());
    String message = template + ": chat template cannot be read: line 2: no filter named 'nosuch'";
    assertEquals(4, lines.size());
    assertEquals(message, lines.get(0).get("error").asText());
    assertEquals(message, lines.get(3).asText());
  }
}
