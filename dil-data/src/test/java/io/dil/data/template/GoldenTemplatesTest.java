package io.dil.data.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import io.dil.core.InputException;
import io.dil.data.Assets;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Published templates over conversations, and one-line templates, as transformers renders them. */
final class GoldenTemplatesTest {
  private static final JsonMapper JSON = new JsonMapper();

  /** Templates that write the day on which the reference was made. */
  private static final Pattern DATE =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}|\\d{2} [A-Z][a-z]{2} \\d{4}|[A-Z][a-z]+ \\d{2}, \\d{4}");

  private static final List<String> REFUSED =
      List.of("{{ 'ab'.encode() }}", "{{ {'items':1}.items }}");

  @Test
  void rendersOneLineTemplates() throws Exception {
    JsonNode golden = JSON.readTree(Assets.at("../goldens/templates/micro.json").toFile());
    List<String> different = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (JsonNode expected : golden.get("cases")) {
      String source = expected.get("template").asText();
      String out = null;
      try {
        out =
            ChatTemplate.of(source, "<s>", "</s>")
                .render(
                    golden.get("messages"),
                    NullNode.instance,
                    JsonNodeFactory.instance.objectNode(),
                    true);
      } catch (InputException | TemplateRefusal e) {
        assertTrue(!e.getMessage().isBlank(), source);
      }
      if (out == null && expected.has("out")) {
        refused.add(source);
      } else if (out != null && !out.equals(expected.path("out").asText(null))) {
        different.add(expected + " gave " + out);
      }
    }
    assertEquals(List.of(), different);
    assertEquals(REFUSED, refused);
  }

  @Test
  void rendersPublishedTemplates() throws Exception {
    Path folder = Assets.at("tokenizers/templates/published");
    JsonNode golden;
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(Assets.at("../goldens/templates/render.json.gz")))) {
      golden = JSON.readTree(in);
    }
    Map<String, ChatTemplate> templates = new HashMap<>();
    List<String> different = new ArrayList<>();
    for (JsonNode expected : golden.get("rows")) {
      String name = expected.get("template").asText();
      JsonNode talk = golden.get("talks").get(expected.get("talk").asInt());
      if (!templates.containsKey(name)) {
        String source = Files.readString(folder.resolve(name));
        templates.put(name, ChatTemplate.of(source, "<s>", "</s>"));
      }
      String out = null;
      try {
        out =
            templates
                .get(name)
                .render(
                    talk.get("messages"),
                    talk.has("tools") ? talk.get("tools") : NullNode.instance,
                    talk.has("kwargs") ? talk.get("kwargs") : JsonNodeFactory.instance.objectNode(),
                    expected.get("add_generation_prompt").asBoolean());
      } catch (InputException | TemplateRefusal e) {
        assertTrue(!e.getMessage().isBlank(), name);
      }
      String wanted = expected.path("out").asText(null);
      if (wanted == null ? out != null : out == null || !undated(wanted).equals(undated(out))) {
        different.add(expected + " gave " + out);
      }
    }
    assertEquals(List.of(), different);
    assertEquals(75, templates.size());
  }

  private static String undated(String text) {
    return DATE.matcher(text).replaceAll("DATE");
  }
}
