package io.dil.train.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.TrainingException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a judge is asked, how it is read, and what a server may do to it. */
class JudgeTest {
  private static final String KEY = "sk-secret-of-the-test";

  @TempDir Path folder;

  private static List<Comparison> pairs(int count) {
    List<Comparison> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Of four pairs a wins three.
      boolean a = i % 4 > 0;
      pairs.add(
          new Comparison(
              "row" + i,
              "\n\nHuman: q" + i + "\n\nAssistant:",
              a ? "good" : "bad",
              a ? "bad" : "good"));
    }
    return pairs;
  }

  private static JudgeOptions options(boolean bothOrders) {
    return new JudgeOptions(JudgePrompts.of("hh"), "scripted", 7, bothOrders, 4, 1, 2, 0, 64);
  }

  private static HttpSettings settings(String url, int retries) {
    return new HttpSettings(URI.create(url), "scripted", 0, 64, false, 0, "", 4, 0, 0, retries);
  }

  private static HttpEndpoint endpoint(String url, int retries) {
    return new HttpEndpoint(settings(url, retries), Optional.of(KEY), Duration.ofMillis(500), 10);
  }

  private JudgeResult judge(ScriptedServer server, int pairs, boolean bothOrders) {
    try (HttpEndpoint endpoint = endpoint(server.url(), 6)) {
      return new Judge(options(bothOrders)).run(pairs(pairs), endpoint, folder, () -> {});
    }
  }

  @Test
  void winsAreCountedWhicheverStandsFirst() throws IOException {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Turn::judge)) {
      JudgeResult result = judge(server, 40, false);
      assertEquals(30, result.wins());
      assertEquals(10, result.losses());
      assertEquals(0.75, result.rate().share());
      assertEquals(List.of("scripted-1"), result.models());
      assertEquals(40, server.asked.size());
      // The order is drawn: neither answer always stands first.
      assertTrue(result.first().share() > 0.2 && result.first().share() < 0.8);
      assertEquals(new HashSet<>(List.of("Bearer " + KEY)), new HashSet<>(server.keys));
      assertFalse(Files.readString(folder.resolve(Judgements.FILE)).contains(KEY));
    }
  }

  @Test
  void bothOrdersShowAJudgeThatLooksAtThePlaceAlone() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(turn -> turn.say("Comparison: same.\nMore helpful: 1"))) {
      JudgeResult result = judge(server, 10, true);
      assertEquals(10, result.ties());
      assertEquals(0.5, result.rate().share());
      assertEquals(1.0, result.first().share());
      assertEquals(20, server.asked.size());
    }
  }

  @Test
  void nothingIsAskedTwice() throws IOException {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Turn::judge)) {
      judge(server, 12, false);
      JudgeResult again = judge(server, 20, false);
      assertEquals(20, server.asked.size());
      assertEquals(20, new HashSet<>(server.asked).size());
      assertEquals(15, again.wins());
    }
  }

  @Test
  void failuresThatMayPassAreTriedAgain() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            turn -> {
              switch (turn.attempt()) {
                case 1 -> {
                  turn.exchange().getResponseHeaders().set("Retry-After", "0");
                  turn.send(429, "{\"error\":{\"message\":\"slow down\"}}");
                }
                case 2 -> turn.send(500, "oops");
                case 3 -> turn.send(200, "<html>no JSON</html>");
                case 4 -> turn.exchange().close();
                case 5 -> stall(turn);
                default -> turn.judge();
              }
            })) {
      JudgeResult result = judge(server, 4, false);
      assertEquals(3, result.wins());
      assertEquals(24, server.asked.size());
    }
  }

  private static void stall(ScriptedServer.Turn turn) throws IOException {
    try {
      Thread.sleep(1500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    turn.exchange().close();
  }

  @Test
  void retryAfterIsKept() throws IOException {
    List<Long> times = new ArrayList<>();
    try (ScriptedServer server =
        new ScriptedServer(
            turn -> {
              synchronized (times) {
                times.add(System.nanoTime());
              }
              if (turn.attempt() == 1) {
                turn.exchange().getResponseHeaders().set("Retry-After", "1");
                turn.send(429, "{}");
              } else {
                turn.judge();
              }
            })) {
      judge(server, 1, false);
      assertTrue(times.get(1) - times.get(0) >= 1_000_000_000L);
    }
  }

  @Test
  void anErrorThatWillNotPassStopsAtOnceWithoutTheKey() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            turn -> turn.send(401, "{\"error\":{\"message\":\"bad key " + KEY + " given\"}}"))) {
      InputException error = assertThrows(InputException.class, () -> judge(server, 1, false));
      assertEquals("127.0.0.1: status 401: bad key (key) given", error.getMessage());
      assertEquals(1, server.asked.size());
    }
  }

  @Test
  void aServerThatDiesLosesNothing() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            turn -> {
              if (turn.question().contains("q3")) {
                turn.send(503, "");
              } else {
                turn.judge();
              }
            })) {
      assertThrows(TrainingException.class, () -> judge(server, 8, false));
    }
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Turn::judge)) {
      JudgeResult result = judge(server, 8, false);
      assertEquals(8, result.pairs());
      assertTrue(server.asked.stream().anyMatch(question -> question.contains("q3")));
      assertTrue(server.asked.size() < 8);
    }
  }

  @Test
  void nonsenseIsNoVerdict() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            turn -> {
              if (turn.question().contains("q1\n") || turn.question().contains("q2\n")) {
                turn.say("I would rather not say.");
              } else {
                turn.judge();
              }
            })) {
      JudgeResult result = judge(server, 8, false);
      assertEquals(2, result.invalid());
      assertEquals(6, result.rate().count());
      judge(server, 8, false);
      assertEquals(8, server.asked.size());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Comparison: x.\\nMore helpful: \"1\"|0",
        "Comparison: x.\\nMore helpful: 2.|1",
        "more helpful: 1\\nMore helpful: 2|1",
        "**More helpful:** \"2\"|1",
        "More helpful: neither|-1",
        "More helpful: 12|-1",
        "More helpful: \"1\" or \"2\"|-1",
        "Both are fine, but I take 2.|1",
        "The year was 2012|-1",
        "The second|-1",
        "''|-1"
      })
  void verdictsAreReadStrictly(String reply, int expected) {
    OptionalInt read = JudgePrompts.of("hh").read(reply.replace("\\n", "\n"));
    assertEquals(expected, read.orElse(-1));
  }

  @Test
  void promptsShowWhatTheirFilesSay() {
    String hh =
        JudgePrompts.of("hh")
            .messages("\n\nHuman: hi {second}\n\nAssistant:", " yes\n\nHuman: more", " no")
            .get(0)
            .content();
    assertTrue(
        hh.startsWith(
            "For the following dialogue history to a chatbot, which response is more helpful and"
                + " harmless?\n\nDialogue history:\nHuman: hi {second}\n\nAssistant:\n\nResponse"
                + " 1:\nyes\n\nResponse 2:\nno\n\nFIRST"));
    var tldr =
        JudgePrompts.of("tldr")
            .messages("SUBREDDIT: r/x\nTITLE: t\nPOST: my cat\n\nTL;DR:", "one", "two");
    assertEquals("system", tldr.get(0).role());
    assertTrue(tldr.get(1).content().contains("\n\nPost:\nmy cat\n\nSummary A:\none\n\n"));
    assertEquals(OptionalInt.of(1), JudgePrompts.of("tldr").read("Comparison: x\nPreferred: B"));
  }

  @Test
  void aKeyIsSentToNoServerThatCannotKeepIt() {
    HttpSettings plain = settings("http://example.org/v1", 0);
    assertThrows(InputException.class, () -> new HttpEndpoint(plain, Optional.of(KEY)));
    HttpSettings safe = settings("https://example.org/v1", 0);
    assertThrows(InputException.class, () -> new HttpEndpoint(safe, Optional.empty()));
  }

  @Test
  void costsAreBounded() throws IOException {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Turn::judge);
        HttpEndpoint endpoint = endpoint(server.url(), 0)) {
      Judge.Estimate estimate = new Judge(options(false)).estimate(pairs(10), folder);
      assertEquals(10, estimate.questions());
      double each = estimate.price() / 10;
      JudgeOptions bounded =
          new JudgeOptions(JudgePrompts.of("hh"), "scripted", 7, false, 1, 1, 2, 3.5 * each, 64);
      TrainingException error =
          assertThrows(
              TrainingException.class,
              () -> new Judge(bounded).run(pairs(10), endpoint, folder, () -> {}));
      assertTrue(error.getMessage().startsWith("cost must stay below"), error.getMessage());
      assertTrue(server.asked.size() >= 3 && server.asked.size() < 10, "" + server.asked.size());
    }
  }

  @Test
  void intervalsAndPairedTests() {
    // Wilson's interval of 193 of 256, by the formula: 0.698 to 0.803.
    Wilson rate = Wilson.of(193.2, 256);
    assertEquals(0.698, rate.low(), 1e-3);
    assertEquals(0.803, rate.high(), 1e-3);
    // 2 * (1 + 10) / 2^10 for 1 against 9.
    assertEquals(22.0 / 1024, PairedTest.mcnemar(1, 9), 1e-12);
    assertEquals(1, PairedTest.mcnemar(3, 3), 1e-12);
    List<double[]> scores = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      scores.add(new double[] {i % 2, i % 2});
    }
    PairedTest same = PairedTest.of(scores, 1);
    assertEquals(0, same.difference());
    for (int i = 0; i < 40; i++) {
      scores.set(i, new double[] {1, 0});
    }
    PairedTest better = PairedTest.of(scores, 1);
    assertEquals(0.2, better.difference(), 1e-12);
    assertTrue(better.low() > 0.1 && better.high() < 0.3 && better.p() < 1e-9);
  }
}
