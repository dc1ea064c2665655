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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers to the prompts of a data set: in order, the same after a stop, and ready for a judge. */
class SampleCommandTest {
  private static final List<String> WHO = List.of("mira", "tess", "omar", "ann", "bo", "mira");

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    List<String> rows = new ArrayList<>();
    for (String who : WHO) {
      rows.add(
          "{\"id\":\"r%d\",\"prompt\":\"ask %s for tea :\",\"chosen\":\"please\",\"rejected\":\"no\"}"
              .formatted(rows.size(), who));
    }
    Files.write(folder.resolve("rows.jsonl"), rows);
  }

  private String run(int status, String... words) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    System.setErr(System.out);
    try {
      int got = Dil.run(words);
      assertEquals(status, got, bytes.toString(StandardCharsets.UTF_8));
      return bytes.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String sample(int status, String out, String... more) {
    List<String> words = new ArrayList<>(List.of("sample"));
    words.addAll(List.of("--model", folder.resolve("model").toString()));
    words.addAll(List.of("--data", "pairs:" + folder.resolve("rows.jsonl")));
    words.addAll(List.of("--out", folder.resolve(out).toString(), "--max-new-tokens", "8"));
    words.addAll(List.of(more));
    return run(status, words.toArray(String[]::new));
  }

  @Test
  void answersGoOnWhereTheyStopped() throws IOException {
    String[] drawn = {"--temperature", "1.5", "--n", "3", "--seed", "4"};
    String said = sample(0, "whole.jsonl", drawn);
    assertTrue(said.contains("1 rows have a prompt that was there before"), said);
    List<String> whole = Files.readAllLines(folder.resolve("whole.jsonl"));
    assertEquals(5, whole.size());
    JsonNode first = new ObjectMapper().readTree(whole.get(0));
    assertEquals("r0", first.path("id").asText());
    assertEquals("ask mira for tea :", first.path("prompt").asText());
    assertEquals(3, first.path("responses").size());
    assertNotEquals(first.path("responses").get(0), first.path("responses").get(1));
    // As a kill leaves it: two answers and the start of a third.
    Path half = folder.resolve("half.jsonl");
    Files.writeString(half, String.join("\n", whole.subList(0, 2)) + "\n{\"id\":\"r2\",\"pro");
    Files.copy(
        folder.resolve("whole.jsonl.settings.json"), folder.resolve("half.jsonl.settings.json"));
    String again = sample(0, "half.jsonl", drawn);
    assertTrue(again.contains("going on after 2 of 5 prompts"), again);
    assertEquals(whole, Files.readAllLines(half));
    // One sequence at a time draws what many at once draw.
    sample(
        0, "single.jsonl", "--temperature", "1.5", "--n", "3", "--seed", "4", "--batch-size", "1");
    assertEquals(whole, Files.readAllLines(folder.resolve("single.jsonl")));
    String other = sample(2, "half.jsonl", "--temperature", "1", "--n", "3");
    assertTrue(other.contains("was made with temperature 1.5, got 1.0"), other);
  }

  @Test
  void aShuffleIsPythons() throws IOException {
    sample(0, "some.jsonl", "--shuffle", "42", "--limit", "2");
    List<String> lines = Files.readAllLines(folder.resolve("some.jsonl"));
    // random.seed(42); x = [0, 1, 2, 3, 4]; random.shuffle(x) gives [3, 1, 2, 4, 0].
    assertEquals("r3", new ObjectMapper().readTree(lines.get(0)).path("id").asText());
    assertEquals("r1", new ObjectMapper().readTree(lines.get(1)).path("id").asText());
  }

  @Test
  void aLocalModelJudgesAnswers() throws IOException {
    sample(0, "a.jsonl");
    Path prompt = folder.resolve("prompt.yaml");
    Files.writeString(
        prompt,
        "user: \"ask {prompt} {first} {second} :\"\nverdict: Better\nlabels: [please, now]\n");
    List<String> words = new ArrayList<>(List.of("judge", "--a"));
    words.add(folder.resolve("a.jsonl").toString());
    words.addAll(List.of("--data", "pairs:" + folder.resolve("rows.jsonl")));
    words.addAll(List.of("--prompt", prompt.toString(), "--max-tokens", "6"));
    words.addAll(List.of("--local", folder.resolve("model").toString(), "--max-invalid", "1"));
    words.addAll(List.of("--out", folder.resolve("judged").toString()));
    String dry = run(0, with(words, "--dry-run"));
    assertTrue(dry.contains("5 questions to ask, 0 known"), dry);
    JsonNode result = new ObjectMapper().readTree(run(0, with(words, "--json")));
    assertEquals(5, result.path("pairs").asInt());
    assertEquals(5, Files.readAllLines(folder.resolve("judged/judgements.jsonl")).size());
    words.set(words.indexOf(folder.resolve("judged").toString()), folder + "/other");
    String text = run(0, with(words, "--against", folder.resolve("judged").toString()));
    assertTrue(text.contains("win rate +0.0 points"), text);
  }

  private static String[] with(List<String> words, String... more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
