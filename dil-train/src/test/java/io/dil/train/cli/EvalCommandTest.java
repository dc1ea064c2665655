package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Benchmarks from the command line: going on, bad input, results. */
class EvalCommandTest {
  private static final String CHOICES =
      """
      task: polite
      data: {test: [rows.jsonl]}
      text: "{question}"
      choices: {field: choices}
      gold: {text: answer}
      metrics: [acc, acc_norm]
      chance: 0.5
      """;

  private static final String WRITING =
      """
      task: write
      data: {test: [rows.jsonl]}
      text: "{question}"
      answer: "{answer}"
      generate: {until: ["."], max_new_tokens: 6}
      metrics: [exact_match]
      """;

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    List<String> rows = new ArrayList<>();
    for (String who : List.of("mira", "tess", "omar", "ann", "bo")) {
      rows.add(
          "{\"question\":\"ask "
              + who
              + " for tea :\",\"choices\":[\"please bring tea\",\"tea now\"],\"answer\":\"please"
              + " bring tea\"}");
    }
    Files.write(folder.resolve("rows.jsonl"), rows);
    Files.writeString(folder.resolve("polite.yaml"), CHOICES);
    Files.writeString(folder.resolve("write.yaml"), WRITING);
  }

  private record Ran(int status, String out, String err) {}

  private Ran run(String tasks, String... more) {
    List<String> words =
        new ArrayList<>(List.of("eval", "--model", folder.resolve("model").toString()));
    words.addAll(List.of("--data", folder.toString(), "--tasks", tasks));
    words.addAll(List.of(more));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int status = Dil.run(words.toArray(String[]::new));
      return new Ran(
          status,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String task(String name) {
    return folder.resolve(name + ".yaml").toString();
  }

  private static JsonNode json(Ran ran) throws IOException {
    assertEquals(0, ran.status(), ran.err());
    return new ObjectMapper().readTree(ran.out());
  }

  @Test
  void aStoppedEvaluationGoesOn() throws IOException {
    String both = task("polite") + "," + task("write");
    JsonNode whole = json(run(both, "--json")).path("results");
    assertEquals(5, whole.path("polite").path("rows").asInt());
    assertTrue(whole.path("polite").path("acc").isNumber());
    assertTrue(whole.path("polite").path("acc_norm_stderr").isNumber());
    assertTrue(whole.path("write").path("exact_match").isNumber());
    Path out = folder.resolve("out");
    run(both, "--json", "--out", out.toString(), "--limit", "2");
    // As a kill leaves it: a line is half written.
    Path rows = out.resolve("rows.jsonl");
    String text = Files.readString(rows);
    Files.writeString(rows, text + "{\"task\":\"polite\",\"row\":2,\"pla");
    Ran again = run(both, "--json", "--out", out.toString());
    assertTrue(again.err().contains("polite: going on after 2 of 5 rows"), again.err());
    assertEquals(whole, json(again).path("results"));
    assertEquals(1 + 10, Files.readAllLines(rows).size());
    Ran other = run(both, "--out", out.toString(), "--add-bos", "false");
    assertEquals(2, other.status());
    assertTrue(other.err().contains("holds the answers of another evaluation"), other.err());
  }

  @Test
  void answersInAnotherTemplateAreAnotherEvaluations() throws IOException {
    String out = folder.resolve("out").toString();
    for (String name : List.of("plain", "begun")) {
      String text = "{% for m in messages %}{{ m.content }}{% endfor %}";
      Files.writeString(folder.resolve(name), text + (name.equals("begun") ? "!" : ""));
    }
    String plain = folder.resolve("plain").toString();
    String[] first = {"--chat", "--chat-template", plain, "--out", out, "--limit", "2"};
    assertEquals(0, run(task("write"), first).status());
    Ran again = run(task("write"), first);
    assertTrue(again.err().contains("going on after 2 of 2 rows"), again.err());
    String begun = folder.resolve("begun").toString();
    Ran other = run(task("write"), "--chat", "--chat-template", begun, "--out", out);
    assertEquals(2, other.status());
    assertTrue(other.err().contains("holds the answers of another evaluation"), other.err());
  }

  @Test
  void anEditedTaskIsAnotherEvaluationAndAnEditedAnswerIsCountedAgain() throws IOException {
    Path out = folder.resolve("out");
    JsonNode first = json(run(task("polite"), "--json", "--out", out.toString()));
    Path file = folder.resolve("polite.yaml");
    String text = Files.readString(file);
    Path data = folder.resolve("rows.jsonl");
    String rows = Files.readString(data);
    Files.writeString(
        data, rows.replace("\"answer\":\"please bring tea\"", "\"answer\":\"tea now\""));
    JsonNode again = json(run(task("polite"), "--json", "--out", out.toString()));
    double before = first.at("/results/polite/acc").asDouble();
    assertEquals(5 + 1, Files.readAllLines(out.resolve("rows.jsonl")).size());
    assertEquals(1 - before, again.at("/results/polite/acc").asDouble(), 1e-12);
    Files.writeString(file, text.replace("text: \"", "text: \"Now. "));
    Ran other = run(task("polite"), "--out", out.toString());
    assertEquals(2, other.status());
    assertTrue(other.err().contains("row 0 of polite was asked with another text"), other.err());
  }

  @Test
  void samplesShowWhatWasAskedAndAnswered() throws IOException {
    JsonNode samples = json(run(task("write"), "--json", "--samples")).path("samples");
    assertEquals(5, samples.size());
    assertEquals("ask mira for tea :", samples.get(0).path("context").asText());
    assertTrue(samples.get(0).path("text").isTextual());
  }

  private void assertBad(String expected, String tasks, String... more) {
    Ran ran = run(tasks, more);
    assertEquals(2, ran.status(), ran.err());
    List<String> lines = ran.err().lines().filter(line -> line.startsWith("dil: ")).toList();
    assertEquals(1, lines.size(), ran.err());
    assertTrue(lines.get(0).contains(expected), ran.err());
  }

  @Test
  void badInputIsOneLine() throws IOException {
    assertBad("did you mean 'gsm8k'", "gsm8q");
    Path bad = folder.resolve("bad.yaml");
    Files.writeString(bad, CHOICES + "descripton: x\n");
    assertBad("did you mean 'description'?", bad.toString());
    Files.writeString(bad, CHOICES + "metrics: [acc]\n");
    assertBad("bad.yaml:", bad.toString());
    Files.writeString(bad, CHOICES.replace("acc, acc_norm", "exact_match"));
    assertBad("a task of choices is measured by acc and acc_norm", bad.toString());
    Files.writeString(bad, CHOICES.replace("{question}", "{problem}"));
    assertBad("rows.jsonl:1: row must have problem, got the columns", bad.toString());
    assertBad("--add-bos must be one of [auto, true, false]", task("polite"), "--add-bos", "no");
    assertBad("new tokens must be fewer than", task("write"), "--max-length", "6");
    assertBad("choice must have at most", task("polite"), "--max-length", "1");
    Path config = folder.resolve("model/tokenizer_config.json");
    Files.deleteIfExists(config);
    Files.deleteIfExists(folder.resolve("model/generation_config.json"));
    Files.deleteIfExists(folder.resolve("model/special_tokens_map.json"));
    String model = Files.readString(folder.resolve("model/config.json"));
    Files.writeString(folder.resolve("model/config.json"), model.replace("eos_token_id", "no_eos"));
    assertBad("must name an end-of-sequence token", task("polite"));
  }

  @Test
  void whatNumbersRestOnIsSaid() throws IOException {
    Files.writeString(
        folder.resolve("rows.jsonl"),
        "{\"question\":\"ask mira :\",\"choices\":[\"tea\",\"no\"],\"answer\":\"water\"}\n");
    Ran ran = run(task("polite"), "--max-length", "2");
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.err().contains("1 of 1 contexts are longer than 2 tokens"), ran.err());
    assertTrue(ran.err().contains("1 of 1 rows name an answer that is not among"), ran.err());
  }
}
