package io.dil.train.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed at twenty moments, a judge has every pair judged once and has lost none. */
class JudgeKillTest {
  private static final int PAIRS = 60;
  private static final int KILLS = 20;
  private static final int CONCURRENCY = 2;

  @TempDir Path folder;

  @Test
  void killsLoseNothing() throws IOException, InterruptedException {
    List<String> rows = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      rows.add(
          "{\"id\":\"r%d\",\"prompt\":\"q%d.\",\"chosen\":\"bad\",\"rejected\":\"worse\"}"
              .formatted(i, i));
      answers.add("{\"id\":\"r%d\",\"response\":\"good\"}".formatted(i));
    }
    Files.write(folder.resolve("rows.jsonl"), rows);
    Files.write(folder.resolve("a.jsonl"), answers);
    AtomicReference<Process> victim = new AtomicReference<>();
    Set<Integer> moments = new HashSet<>();
    try (ScriptedServer server = scripted(victim, moments)) {
      int starts = 0;
      int status = -1;
      while (status != 0 && starts < 3 * KILLS) {
        starts++;
        Process process = start(server.url(), folder.resolve("log" + starts));
        victim.set(process);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        status = process.exitValue();
        assertTrue(status == 0 || status == 137, Files.readString(folder.resolve("log" + starts)));
      }
      assertEquals(KILLS, moments.size());
      assertEquals(KILLS + 1, starts);
      Set<String> keys = new HashSet<>();
      for (String line : Files.readAllLines(folder.resolve("out/judgements.jsonl"))) {
        JsonNode judgement = new ObjectMapper().readTree(line);
        assertTrue(keys.add(judgement.path("key").asText()), "judged twice");
        assertEquals("a", judgement.path("winner").asText());
      }
      assertEquals(PAIRS, keys.size());
      // What was on its way when a kill came is asked again, and nothing else.
      assertTrue(server.asked.size() <= PAIRS + KILLS * CONCURRENCY, "" + server.asked.size());
      JsonNode result = new ObjectMapper().readTree(folder.resolve("out/judge.json").toFile());
      assertEquals(PAIRS, result.path("wins").asInt());
    }
  }

  /** Kills after every third question, before it is answered or just after. */
  private static ScriptedServer scripted(AtomicReference<Process> victim, Set<Integer> moments)
      throws IOException {
    int[] count = new int[1];
    return new ScriptedServer(
        turn -> {
          int number;
          synchronized (count) {
            number = ++count[0];
          }
          boolean due;
          synchronized (moments) {
            due = number % 4 == 3 && moments.size() < KILLS && moments.add(number);
          }
          if (due && number % 8 == 3) {
            victim.get().destroyForcibly();
          }
          turn.judge();
          if (due && number % 8 != 3) {
            victim.get().destroyForcibly();
          }
        });
  }

  private Process start(String url, Path log) throws IOException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            path,
            "io.dil.train.cli.Dil",
            "judge",
            "--data",
            "pairs:" + folder.resolve("rows.jsonl"),
            "--a",
            folder.resolve("a.jsonl").toString(),
            "--b",
            "chosen",
            "--prompt",
            "hh",
            "--model",
            "scripted",
            "--base-url",
            url,
            "--concurrency",
            String.valueOf(CONCURRENCY),
            "--out",
            folder.resolve("out").toString());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return builder.start();
  }
}
