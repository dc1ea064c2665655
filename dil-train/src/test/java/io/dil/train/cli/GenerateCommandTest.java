package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.train.quickstart.Quickstart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts from words, files and messages, one or several at once. */
class GenerateCommandTest {
  private static final String ONE = "ask mira for tea :";
  private static final String OTHER = "ask tess for the red book :";

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
  }

  @Test
  void severalPromptsGiveWhatEachGivesAlone() throws IOException {
    Path file = folder.resolve("prompts.txt");
    Files.writeString(file, OTHER + "\n\n" + ONE + "\n");
    List<JsonNode> together =
        json("--prompt", ONE, "--prompts-file", file.toString(), "--batch-size", "2");
    assertEquals(3, together.size());
    assertEquals(json("--prompt", ONE).get(0), together.get(0));
    assertEquals(json("--prompt", OTHER).get(0), together.get(1));
    assertEquals(together.get(0), together.get(2));
    assertNotEquals(together.get(0), together.get(1));
  }

  @Test
  void drawsDoNotDependOnTheBatch() {
    String[] sampled = {
      "--prompt", ONE, "--prompt", ONE, "--prompt", ONE, "--temperature", "2", "--seed", "3"
    };
    List<JsonNode> atOnce = json(sampled);
    assertNotEquals(atOnce.get(0), atOnce.get(1));
    String[] oneByOne = Arrays.copyOf(sampled, sampled.length + 2);
    oneByOne[sampled.length] = "--batch-size";
    oneByOne[sampled.length + 1] = "1";
    assertEquals(atOnce, json(oneByOne));
  }

  @Test
  void messagesGoThroughTheTemplate() throws IOException {
    Path template = folder.resolve("template.jinja");
    Files.writeString(
        template,
        "{% for m in messages %}{{ m.content + ' ' }}{% endfor %}"
            + "{% if add_generation_prompt %}:{% endif %}");
    JsonNode plain = json("--prompt", ONE).get(0);
    String[] chat = {"--chat", "--chat-template", template.toString()};
    JsonNode asUser = json(with(chat, "--prompt", "ask mira for tea")).get(0);
    JsonNode withSystem = json(with(chat, "--system", "ask mira", "--prompt", "for tea")).get(0);
    Path rows = folder.resolve("rows.jsonl");
    Files.writeString(
        rows,
        "{\"messages\":[{\"role\":\"system\",\"content\":\"ask mira\"},"
            + "{\"role\":\"user\",\"content\":\"for tea\"}]}\n"
            + "{\"prompt\":\"ask mira for tea\"}\n");
    List<JsonNode> fromFile = json(with(chat, "--prompts-file", rows.toString()));
    assertEquals(asUser, withSystem);
    assertEquals(List.of(withSystem, asUser), fromFile);
    // The template here writes no BOS, which is all that sets its prompt apart from the plain one.
    List<Integer> bos = new ArrayList<>();
    plain.path("prompt_tokens").forEach(id -> bos.add(id.asInt()));
    List<Integer> without = new ArrayList<>();
    asUser.path("prompt_tokens").forEach(id -> without.add(id.asInt()));
    assertEquals(bos.subList(1, bos.size()), without);
  }

  @Test
  void forPeople() {
    String one = run("--prompt", ONE).get(0);
    List<String> both = run("--prompt", ONE, "--prompt", OTHER);
    assertEquals("> " + ONE, both.get(0));
    assertEquals(one, both.get(1));
    assertEquals("", both.get(2));
    assertEquals("> " + OTHER, both.get(3));
  }

  @Test
  void errors() throws IOException {
    fails("at least one prompt");
    fails("no chat template", "--chat", "--prompt", "x");
    fails("--system needs --chat", "--system", "x", "--prompt", "y");
    fails("--batch-size must be at least 1", "--batch-size", "0", "--prompt", "y");
    Path rows = folder.resolve("rows.jsonl");
    Files.writeString(rows, "{\"prompt\":\"x\"}\n{\"text\":\"x\"}\n");
    fails("rows.jsonl:2: must have", "--prompts-file", rows.toString());
    fails("cannot be read", "--prompts-file", folder.resolve("none.txt").toString());
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private List<JsonNode> json(String... words) {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : run(with(words, "--json"))) {
      try {
        lines.add(new ObjectMapper().readTree(line));
      } catch (IOException e) {
        throw new AssertionError(line, e);
      }
    }
    return lines;
  }

  private List<String> run(String... words) {
    PrintStream before = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertEquals(Dil.OK, Dil.run(call(words)));
    } finally {
      System.setOut(before);
    }
    return captured.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void fails(String says, String... words) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertEquals(Dil.BAD_INPUT, Dil.run(call(words)));
    } finally {
      System.setErr(before);
    }
    String line = captured.toString(StandardCharsets.UTF_8);
    assertTrue(line.startsWith("dil: ") && line.contains(says), line);
    assertEquals(1, line.lines().count(), line);
  }

  private String[] call(String... words) {
    return with(
        new String[] {
          "generate", "--model", folder.resolve("model").toString(), "--max-new-tokens", "8"
        },
        words);
  }
}
