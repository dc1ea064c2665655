package io.dil.data.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import io.dil.data.Assets;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.template.python.Budget;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Renderings that transformers made: src/test/python/render_templates.py. */
final class ChatTemplateTest {
  private static JsonNode golden(String name) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(ChatTemplateTest.class.getResourceAsStream("/templates/" + name))) {
      return new JsonMapper().readTree(in);
    }
  }

  private static List<Turn> talk(JsonNode messages) {
    List<Turn> turns = new ArrayList<>();
    for (JsonNode message : messages) {
      turns.add(new Turn(message.get("role").asText(), message.get("content").asText()));
    }
    return turns;
  }

  private static String render(ChatTemplate template, List<Turn> turns, boolean prompt) {
    try {
      return template.render(turns, prompt);
    } catch (TemplateRefusal e) {
      return "raised: " + e.getMessage();
    }
  }

  private static Prompt.Chat chat(String question) {
    return new Prompt.Chat(List.of(new Turn("user", question)));
  }

  private static ChatTemplate of(String source) {
    return ChatTemplate.of(source, "<s>", "</s>");
  }

  @Test
  void rendersOwnTemplatesAsTransformersDoes() throws Exception {
    JsonNode golden = golden("own.json");
    for (JsonNode expected : golden.get("cases")) {
      String name = expected.get("template").asText();
      ChatTemplate template = of(golden.get("templates").get(name).asText());
      List<Turn> turns = talk(golden.get("talks").get(expected.get("talk").asInt()));
      assertEquals(
          expected.get("out").asText(),
          render(template, turns, expected.get("generation_prompt").asBoolean()),
          () -> name + " " + turns);
    }
  }

  @Test
  void rendersPublishedTemplatesAsTransformersDoes() throws Exception {
    Path tokenizers = Assets.at("tokenizers");
    JsonNode golden = golden("published.json");
    Map<String, ChatTemplate> templates = new HashMap<>();
    for (JsonNode expected : golden.get("cases")) {
      String name = expected.get("template").asText();
      if (!templates.containsKey(name)) {
        templates.put(name, of(source(tokenizers, name)));
      }
      List<Turn> turns = talk(golden.get("talks").get(expected.get("talk").asInt()));
      String out =
          render(templates.get(name), turns, expected.get("generation_prompt").asBoolean());
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(out.getBytes(StandardCharsets.UTF_8));
      assertEquals(
          expected.get("out").asText(),
          HexFormat.of().formatHex(hash),
          () -> name + " " + turns + " gave " + out);
    }
    assertEquals(6, templates.size());
  }

  private static String source(Path tokenizers, String name) throws Exception {
    if (name.endsWith(".jinja")) {
      return Files.readString(tokenizers.resolve("templates").resolve(name));
    }
    if (name.endsWith(".yaml")) {
      String line =
          Files.readAllLines(tokenizers.resolve("templates").resolve(name)).stream()
              .filter(text -> text.startsWith("chat_template: "))
              .findFirst()
              .orElseThrow();
      // A double-quoted YAML scalar on one line is a JSON string.
      return new JsonMapper().readTree(line.substring("chat_template: ".length())).asText();
    }
    Path config = tokenizers.resolve(name).resolve("tokenizer_config.json");
    return new JsonMapper().readTree(config.toFile()).get("chat_template").asText();
  }

  @Test
  void keepsAndRemovesWhiteSpaceAsJinjaDoes() throws Exception {
    JsonNode cases = golden("whitespace.json").get("cases");
    List<Turn> turns = List.of(new Turn("user", "Hi"), new Turn("assistant", " Yo\n"));
    for (JsonNode expected : cases) {
      String source = expected.get(0).asText();
      assertEquals(
          expected.get(1).asText(), of(source).render(turns, false), () -> "from '" + source + "'");
    }
    assertTrue(cases.size() > 400, "cases must be there, got " + cases.size());
  }

  @Test
  void splitsAtTheBoundary() {
    ChatTemplate template =
        of(
            "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</s>{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}");
    assertEquals(
        Optional.of("a</s>"),
        template.response("<user>q</s><assistant>", chat(" q "), new Turn("assistant", "a ")));
  }

  @Test
  void takesOffAPromptThatIsWrittenUnasked() {
    ChatTemplate template =
        of("{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}<assistant>");
    assertEquals(
        Optional.of("a</s>"),
        template.response("<user>q</s><assistant>", chat("q"), new Turn("assistant", "a")));
  }

  @Test
  void saysSoWhereThereIsNoBoundary() {
    ChatTemplate template =
        of(
            "{% for m in messages %}{% if loop.last %}LAST{% endif %}<{{ m.role }}>{{ m.content }}"
                + "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}");
    Prompt.Chat prompt = chat("q");
    assertEquals(
        Optional.empty(),
        template.response(template.render(prompt, true), prompt, new Turn("assistant", "a")));
  }

  @Test
  void knowsTheDate() {
    assertTrue(
        of("{{ strftime_now('%d %b %Y') }}")
            .render(List.of(), false)
            .matches("\\d\\d \\w+ \\d{4}"));
    assertEquals(
        "yes", of("{% if strftime_now is defined %}yes{% endif %}").render(List.of(), false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% include '/etc/passwd' %}",
        "{% import '/etc/passwd' as x %}",
        "{{ ''.getClass() }}",
        "{{ messages.getClass().forName('java.lang.System') }}",
        "{{ bos_token.getBytes() }}",
        "{{ ____int3rpr3t3r____.getContext() }}",
        "{{ ____int3rpr3t3r____.config.objectMapper.typeFactory }}",
        "{% for i in range(",
        "{{ messages | ipaddr }}",
        "{{ nothing.at.all.strip() }}{{ 'x'.nosuch() }}"
      })
  void refusesWhatReachesOut(String source) {
    String out;
    try {
      out = of(source).render(List.of(new Turn("user", "q")), false);
    } catch (InputException e) {
      assertTrue(e.getMessage().startsWith("chat template "), e::getMessage);
      return;
    }
    // Undefined names render as nothing, as in Jinja; nothing of Java's may show.
    assertEquals("", out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}"
            + "{% endfor %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }}"
            + "{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='xxxxxxxx') %}{% for a in range(40) %}"
            + "{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s | length }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"
      })
  void endsWhatDoesNotEnd(String source) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          try {
            String out = of(source).render(List.of(new Turn("user", "q")), false);
            assertTrue(out.length() <= Budget.LONGEST_TEXT, "wrote " + out.length());
          } catch (InputException e) {
            assertFalse(e.getMessage().isEmpty());
          }
        });
  }

  @Test
  void doesNotInterpretWhatAMessageSays() {
    List<Turn> turns = List.of(new Turn("user", "{{ 1 + 1 }}{% raw %}"));
    assertEquals("{{ 1 + 1 }}{% raw %}", of("{{ messages[0].content }}").render(turns, false));
  }

  @Test
  void namesASyntaxError() {
    InputException error = assertThrows(InputException.class, () -> of("{% nosuch %}"));
    assertTrue(error.getMessage().contains("nosuch"), error::getMessage);
  }
}
