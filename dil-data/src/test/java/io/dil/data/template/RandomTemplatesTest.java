package io.dil.data.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.dil.core.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random templates against jinja2: src/test/python/random_templates.py writes them.
 *
 * <p>A template gives the same text, or is refused. It never gives another text, and never a text
 * where jinja2 fails.
 */
final class RandomTemplatesTest {
  private static final JsonMapper JSON = new JsonMapper();

  /** How many cases there were, and what became of them. */
  private record Count(int cases, int equal, List<String> refused, List<String> different) {}

  @Test
  void rendersTheCommittedTemplatesAsJinjaDoes() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(
            RandomTemplatesTest.class.getResourceAsStream("/templates/random.jsonl.gz"))) {
      Count count = compare(in);
      assertEquals(List.of(), count.different);
      assertEquals(2000, count.cases);
      assertTrue(count.refused.size() < count.cases / 20, () -> "refused " + count.refused);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "dil.template.cases", matches = ".+")
  void rendersAnyTemplatesAsJinjaDoes() throws Exception {
    try (InputStream in = Files.newInputStream(Path.of(System.getProperty("dil.template.cases")))) {
      Count count = compare(in);
      System.out.printf(
          "%d cases, %d equal, %d refused, %d different%n",
          count.cases, count.equal, count.refused.size(), count.different.size());
      count.refused.forEach(System.out::println);
      assertEquals(List.of(), count.different);
    }
  }

  private static Count compare(InputStream in) throws IOException {
    int cases = 0;
    int equal = 0;
    List<String> refused = new ArrayList<>();
    List<String> different = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
      JsonNode head = JSON.readTree(lines.readLine());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode expected = JSON.readTree(line);
        cases++;
        String out = null;
        String error = "";
        try {
          out =
              ChatTemplate.of(expected.get("template").asText(), "<s>", "</s>")
                  .render(head.get("messages"), NullNode.instance, head.get("kwargs"), true);
        } catch (InputException | TemplateRefusal e) {
          error = e.getMessage();
        }
        if (expected.has("out") ? expected.get("out").asText().equals(out) : out == null) {
          equal++;
        } else if (out == null) {
          refused.add(error + " <- " + expected.get("template").asText());
        } else {
          different.add(line + " gave " + JSON.writeValueAsString(out));
        }
      }
    }
    return new Count(cases, equal, refused, different);
  }
}
