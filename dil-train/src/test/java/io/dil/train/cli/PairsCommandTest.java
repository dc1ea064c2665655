package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.data.PreferencePair;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.ExampleReader;
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

/** Pairs from the command line. */
class PairsCommandTest {
  @TempDir Path folder;

  private record Ran(int status, String err) {}

  private Ran run(String... words) {
    List<String> all = new ArrayList<>(List.of("pairs"));
    all.addAll(List.of(words));
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      return new Ran(Dil.run(all.toArray(String[]::new)), bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(err);
    }
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        folder.resolve("answers.jsonl"),
        """
        {"id":"1","prompt":"ask for tea","responses":["please bring tea","tea now","tea"]}
        {"id":"2","prompt":"ask for jam","responses":["jam","jam","jam"]}
        {"id":"3","prompt":"ask for milk","responses":["milk","please bring milk","now"]}
        """);
    Files.writeString(
        folder.resolve("rewards.jsonl"),
        """
        {"id":"1","rewards":[2,0.5,-1]}
        {"id":"2","rewards":[0,0,0]}
        {"id":"3","rewards":[0,0.25,0.125]}
        """);
  }

  @Test
  void pairsAreDataAndTheirOriginLiesBeside() throws IOException {
    Ran ran =
        run(
            "--answers",
            at("answers.jsonl"),
            "--rewards",
            at("rewards.jsonl"),
            "--out",
            at("p.jsonl"));
    assertEquals(0, ran.status(), ran.err());
    assertTrue(
        ran.err().contains("2 pairs of 3 prompts; 1 with fewer than two different answers"),
        ran.err());
    List<PreferencePair> pairs = new ArrayList<>();
    try (ExampleReader reader =
        ExampleReader.open(DataConfig.of(DataSpec.parse("auto:" + at("p.jsonl"))))) {
      while (reader.hasNext()) {
        pairs.add((PreferencePair) reader.next());
      }
    }
    assertEquals("please bring tea", pairs.get(0).chosen().content());
    assertEquals("tea", pairs.get(0).rejected().content());
    assertEquals("please bring milk", pairs.get(1).chosen().content());
    JsonNode made = new ObjectMapper().readTree(folder.resolve("p.jsonl.settings.json").toFile());
    assertEquals("best-worst", made.path("rule").asText());
    assertEquals(3, made.path("prompts").asInt());
    assertEquals(2, made.path("pairs").asInt());
    assertEquals(2, made.path("equal_answers").asInt());
    assertEquals(64, made.at("/answers/0/sha256").asText().length());
  }

  @Test
  void aJudgesVerdictsAreRewards() throws IOException {
    Files.writeString(
        folder.resolve("other.jsonl"),
        """
        {"id":"1","prompt":"ask for tea","response":"hand me tea"}
        {"id":"2","prompt":"ask for jam","response":"please bring jam"}
        {"id":"3","prompt":"ask for milk","response":"milk it is"}
        """);
    Path judged = Files.createDirectory(folder.resolve("judged"));
    Files.writeString(
        judged.resolve("judge.json"),
        new ObjectMapper()
            .createObjectNode()
            .put("a", at("answers.jsonl"))
            .put("b", at("other.jsonl"))
            .toString());
    Files.writeString(
        judged.resolve("comparisons.jsonl"),
        """
        {"id":"1","score":1.0,"length_a":16,"length_b":11}
        {"id":"2","score":0.0,"length_a":3,"length_b":16}
        {"id":"3","score":null,"length_a":4,"length_b":10}
        """);
    Ran ran = run("--judged", judged.toString(), "--out", at("p.jsonl"));
    assertEquals(0, ran.status(), ran.err());
    List<String> lines = Files.readAllLines(folder.resolve("p.jsonl"));
    assertEquals(2, lines.size());
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertEquals("please bring tea", first.path("chosen").asText());
    assertEquals("hand me tea", first.path("rejected").asText());
    assertEquals(
        "please bring jam", new ObjectMapper().readTree(lines.get(1)).path("chosen").asText());
    JsonNode made = new ObjectMapper().readTree(folder.resolve("p.jsonl.settings.json").toFile());
    assertEquals(1, made.path("without_verdict").asInt());
    Files.writeString(
        judged.resolve("judge.json"), "{\"a\":\"" + at("answers.jsonl") + "\",\"b\":\"chosen\"}");
    Ran data = run("--judged", judged.toString(), "--out", at("q.jsonl"));
    assertEquals(2, data.status());
    assertTrue(data.err().contains("b must be a file of answers"), data.err());
  }

  @Test
  void aRewardModelGivesTheRewards() throws IOException {
    Path input = folder.resolve("input");
    Quickstart.unpack(input);
    int trained =
        Dil.run(
            "train",
            "model_name_or_path=" + input.resolve("model"),
            "dataset_name=pairs:" + input.resolve("pairs.jsonl"),
            "output_dir=" + at("reward"),
            "loss_type=reward-bt",
            "learning_rate=1e-3",
            "max_length=64",
            "max_steps=4");
    assertEquals(0, trained);
    Ran ran =
        run(
            "--answers",
            at("answers.jsonl"),
            "--reward-model",
            at("reward"),
            "--out",
            at("p.jsonl"));
    assertEquals(0, ran.status(), ran.err());
    // What score says of both answers of each pair.
    int scored =
        Dil.run(
            "score",
            "--rewards",
            "--model",
            at("reward"),
            "--data",
            "pairs:" + at("p.jsonl"),
            "--out",
            at("scores.jsonl"));
    assertEquals(0, scored);
    List<String> lines = Files.readAllLines(folder.resolve("scores.jsonl"));
    assertEquals(2, lines.size());
    ObjectMapper json = new ObjectMapper();
    for (int i = 0; i < 2; i++) {
      JsonNode score = json.readTree(lines.get(i));
      double chosen = score.at("/chosen/reward").asDouble();
      double rejected = score.at("/rejected/reward").asDouble();
      assertTrue(chosen > rejected, score::toString);
    }
    JsonNode made = json.readTree(folder.resolve("p.jsonl.settings.json").toFile());
    assertTrue(made.toString().contains("reward"), made::toString);
  }

  @Test
  void badInputIsOneLineAndWritesNothing() throws IOException {
    Ran gap =
        run(
            "--answers",
            at("answers.jsonl"),
            "--rewards",
            at("rewards.jsonl"),
            "--min-gap",
            "9",
            "--out",
            at("p.jsonl"));
    assertEquals(2, gap.status());
    assertTrue(gap.err().contains("no pair came of 3 prompts: "), gap.err());
    assertTrue(gap.err().contains("2 with rewards nearer than the least gap"), gap.err());
    Files.writeString(folder.resolve("few.jsonl"), "{\"id\":\"1\",\"rewards\":[1,2,3]}\n");
    Ran few =
        run("--answers", at("answers.jsonl"), "--rewards", at("few.jsonl"), "--out", at("p.jsonl"));
    assertEquals(2, few.status());
    assertTrue(few.err().contains("few.jsonl: must have rewards for 2, got none"), few.err());
    Files.writeString(folder.resolve("bad.jsonl"), "{\"id\":\"1\",\"rewards\":[1,\"x\",3]}\n");
    Ran bad =
        run("--answers", at("answers.jsonl"), "--rewards", at("bad.jsonl"), "--out", at("p.jsonl"));
    assertEquals(2, bad.status());
    assertTrue(bad.err().contains("bad.jsonl:1: rewards must be numbers, got \"x\""), bad.err());
    assertEquals(2, run("--answers", at("answers.jsonl"), "--out", at("p.jsonl")).status());
    assertFalse(Files.exists(folder.resolve("p.jsonl")));
  }
}
