package io.dil.data.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Damaged templates and rows with tools: each gives a text or an error of one line, in less than
 * two seconds. Nothing else may happen: no other exception, no hang.
 */
final class TemplateFuzzTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long LONGEST_NANOS = 2_000_000_000L;

  /** What is put into templates: parts of the language, and numbers that ask for much. */
  private static final String[] PARTS = {
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    ".",
    ",",
    "'",
    "\"",
    " if ",
    " else ",
    " for x in messages ",
    "endfor",
    " in ",
    " is ",
    " not ",
    "~",
    "**",
    "//",
    "%",
    "*",
    "999999999",
    "10**9",
    "'a'*",
    "range(99999)",
    "|center(999999999)",
    "|join",
    "|list",
    "|tojson",
    "|indent(99999999)",
    "'%999999999d'%",
    ".format(",
    "namespace()",
    "loop(",
    "caller()",
    "messages",
    "tools",
    "undefd",
    "none",
    "\\",
    "\u0000",
    "🎉",
    "|batch(2)",
    "|map('upper')",
    ".split()",
    "[::-1]",
    "{% set x = x ~ x %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
  };

  /** What is put into the JSON of rows. */
  private static final String[] PIECES = {
    "null",
    "[]",
    "{}",
    "\"\"",
    "1",
    "-0.0",
    "1e400",
    "true",
    "\"role\":",
    "\"content\":",
    "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":[1,{\"b\":null}]}}}]",
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\\u0000",
    "\"reasoning_content\":\"r\"",
    "\"kwargs\":{\"enable_thinking\":1}",
  };

  private static final String ROW =
      "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
          + "[{\"type\":\"text\",\"text\":\"q\"}]},{\"role\":\"assistant\",\"content\":null,"
          + "\"tool_calls\":[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":"
          + "{\"a\":1}}}]},{\"role\":\"tool\",\"name\":\"add\",\"content\":\"2\"}],\"tools\":"
          + "[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"parameters\":{\"type\":"
          + "\"object\"}}}],\"kwargs\":{\"x\":2.5,\"d\":{\"a\":[1,2]}}}";

  private static List<String> seeds() throws Exception {
    List<String> seeds = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Objects.requireNonNull(
                        TemplateFuzzTest.class.getResourceAsStream("/templates/random.jsonl.gz"))),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        seeds.add(JSON.readTree(line).get("template").asText());
      }
    }
    return seeds;
  }

  private static String mutated(String seed, String[] parts, SplittableRandom random) {
    StringBuilder text = new StringBuilder(seed);
    for (int times = random.nextInt(0, 5); times > 0; times--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(1, 12));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, text.substring(at, end));
        default -> text.insert(at, parts[random.nextInt(parts.length)]);
      }
    }
    return text.toString();
  }

  /** Of this thread alone, so that a busy machine does not count. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void fuzz(int cases, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> seeds = seeds();
    long slowest = 0;
    int rendered = 0;
    for (int i = 0; i < cases; i++) {
      String template = mutated(seeds.get(random.nextInt(seeds.size())), PARTS, random);
      String row = mutated(ROW, PIECES, random);
      JsonNode columns = null;
      try {
        columns = JSON.readTree(row);
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        columns = JSON.readTree(ROW);
      }
      long start = cpuNanos();
      try {
        JsonNode given = columns.path("kwargs");
        ChatTemplate.of(template, "<s>", "</s>")
            .render(
                columns.path("messages"),
                columns.path("tools"),
                given.isMissingNode() ? JSON.createObjectNode() : given,
                random.nextBoolean());
        rendered++;
      } catch (InputException e) {
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
      } catch (TemplateRefusal e) {
        assertFalse(e.getMessage() == null, template);
      }
      long nanos = cpuNanos() - start;
      slowest = Math.max(slowest, nanos);
      assertTrue(nanos < LONGEST_NANOS, () -> nanos / 1e9 + " s for " + template + " over " + row);
    }
    assertTrue(rendered > cases / 50, "templates must render now and then, got " + rendered);
    System.out.printf("%d cases, %d rendered, slowest %.2f s%n", cases, rendered, slowest / 1e9);
  }

  @Test
  void survivesDamagedTemplatesAndRows() throws Exception {
    fuzz(3000, 5);
  }

  @Test
  @Tag("slow")
  void survivesAHundredThousandDamagedTemplatesAndRows() throws Exception {
    fuzz(100_000, 6);
  }
}
