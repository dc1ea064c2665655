package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.losses.Losses;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LossCommandTest {
  private static final String PAIR =
      """
      {"policy":{"chosen":[-10,-20],"rejected":[-14,-18]},
       "reference":{"chosen":[-11,-19],"rejected":[-12,-18]},
       "tokens":{"chosen":[5,4],"rejected":[4,9]}}
      """;

  @TempDir private Path folder;

  @Test
  void evaluatesDpoInDoublePrecision() throws IOException {
    JsonNode out = run(PAIR, "dpo", "beta=0.5");
    // r_w = (1, -1), r_l = (-2, 0)
    double first = Math.log1p(Math.exp(-0.5 * 3));
    double second = Math.log1p(Math.exp(0.5));
    assertEquals(first, out.at("/per_example/0").doubleValue(), 1e-15);
    assertEquals(second, out.at("/per_example/1").doubleValue(), 1e-15);
    assertEquals((first + second) / 2, out.at("/loss").doubleValue(), 1e-15);
    double slope = -0.5 / (1 + Math.exp(1.5));
    assertEquals(slope, out.at("/grad/chosen/0").doubleValue(), 1e-15);
    assertEquals(-slope, out.at("/grad/rejected/0").doubleValue(), 1e-15);
    assertEquals(0.5, out.at("/rewards/chosen/0").doubleValue(), 1e-15);
    assertEquals(-1, out.at("/rewards/rejected/0").doubleValue(), 1e-15);
  }

  @Test
  void theGradientOfAMeanReducedLossIsPerSummedLogProbability() throws IOException {
    JsonNode out = run(PAIR, "dil-lsif");
    assertEquals(-Math.exp(0.2) / 5, out.at("/grad/chosen/0").doubleValue(), 1e-15);
    assertEquals(Math.exp(-1) / 4, out.at("/grad/rejected/0").doubleValue(), 1e-15);
    assertEquals(
        -Math.exp(0.2) + 0.5 * Math.exp(-1), out.at("/per_example/0").doubleValue(), 1e-15);
  }

  @Test
  void evaluatesKtoOnLabelledResponses() throws IOException {
    JsonNode out =
        run(
            """
            {"policy":{"logp":[-10,-20]},"reference":{"logp":[-11,-18]},
             "tokens":[5,4],"desirable":[true,false],"kl":0.5}
            """,
            "kto",
            "beta=1",
            "undesirable_weight=2");
    assertEquals(1 / (1 + Math.exp(0.5)), out.at("/per_example/0").doubleValue(), 1e-15);
    assertEquals(2 / (1 + Math.exp(2.5)), out.at("/per_example/1").doubleValue(), 1e-15);
    double sigma = 1 / (1 + Math.exp(0.5));
    assertEquals(-sigma * (1 - sigma), out.at("/grad/logp/0").doubleValue(), 1e-15);
  }

  @Test
  void evaluatesSftOnPairsAndOnResponses() throws IOException {
    assertEquals(2, run(PAIR, "sft").at("/per_example/0").doubleValue(), 1e-15);
    JsonNode out = run("{\"policy\":{\"logp\":[-3]},\"tokens\":[2]}", "sft");
    assertEquals(1.5, out.at("/loss").doubleValue(), 1e-15);
    assertEquals(-0.5, out.at("/grad/logp/0").doubleValue(), 1e-15);
  }

  @Test
  void referenceAndTokensMayBeAbsentWhereUnused() throws IOException {
    String bare = "{\"policy\":{\"chosen\":[-1],\"rejected\":[-2]}}";
    assertEquals(Math.log1p(Math.exp(-1)), run(bare, "reward-bt").at("/loss").doubleValue(), 1e-15);
    assertEquals(
        folder.resolve("in.json") + ": tokens.chosen must be given for this loss, got none",
        error(bare, "simpo"));
    assertEquals(
        folder.resolve("in.json") + ": reference.chosen must be given for this loss, got none",
        error(bare, "dpo"));
  }

  @Test
  void marginsAreTakenByALossOfRewardsAlone() throws IOException {
    String json = "{\"policy\":{\"chosen\":[1],\"rejected\":[-2]},\"margins\":[0.5]}";
    JsonNode out = run(json, "reward-bt", "center_rewards_coefficient=0.01");
    assertEquals(Math.log1p(Math.exp(-2.5)) + 0.01, out.at("/loss").doubleValue(), 1e-15);
    assertEquals(1, out.at("/rewards/chosen/0").doubleValue(), 1e-15);
    assertEquals(
        folder.resolve("in.json") + ": margins would be ignored: cpo is no loss of a reward model",
        error(json, "cpo"));
  }

  @Test
  void listsEveryLossAsJson() throws IOException {
    JsonNode list = new ObjectMapper().readTree(execute("--list", "--json"));
    List<String> names = new ArrayList<>();
    for (JsonNode entry : list) {
      names.add(entry.get("name").textValue());
      for (String field : List.of("formula", "source", "reduction_source")) {
        assertTrue(entry.get(field).textValue().length() > 1, entry + " has no " + field);
      }
      assertTrue(entry.get("needs_reference").isBoolean());
      assertTrue(entry.get("parameters").size() >= 1);
    }
    assertEquals(Losses.names(), names);
  }

  @Test
  void listsEveryLossAsText() {
    String text = execute("--list");
    for (String name : Losses.names()) {
      assertTrue(text.contains(System.lineSeparator() + name) || text.startsWith(name), name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dpoo | loss must be one of",
        "dpo betta=1 | dpo: parameter must be one of beta, label_smoothing, rpo_alpha, reduction, got betta (nearest: beta)",
        "dpo beta=-1 | dpo: beta must be > 0, got -1",
        "dpo beta | a loss's parameter must be KEY=VALUE, got beta",
        "dpo beta=1 beta=2 | beta must be given once, got it twice",
        "dil-lsif reduction=max | dil-lsif: reduction must be one of sum, mean, got max"
      })
  void badParametersAreOneLine(String words, String start) {
    String message = error(PAIR, words.split(" "));
    assertTrue(message.startsWith(start), message);
    assertEquals(1, message.lines().count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"policy\":{\"chosen\":[-1],\"rejected\":[-1,-2]}} | : policy.rejected must hold 1 numbers, one a response, got 2",
        "{\"policy\":{\"chosen\":[],\"rejected\":[]}} | : policy.chosen must be a list of numbers, not empty, got []",
        "{\"policy\":{\"chosen\":[null],\"rejected\":[-1]}} | : policy.chosen[0] must be a finite number, got null",
        "{\"policy\":{\"chosen\":[1e999],\"rejected\":[-1]}} | : policy.chosen[0] must be a finite number, got",
        "{\"polisy\":{}} | : field must be one of policy, reference, tokens, desirable, kl, margins, got polisy",
        "[1] | : the document must be a JSON object, got [1]",
        "{\"policy\": | :1: must be JSON, got:"
      })
  void badInputNamesTheFileAndThePlace(String json, String rest) {
    String message = error(json, "reward-bt");
    assertTrue(message.startsWith(folder.resolve("in.json") + rest), message);
  }

  @Test
  void aMissingFileIsBadInput() {
    assertThrows(
        InputException.class,
        () -> command("dpo", "--in", folder.resolve("absent.json").toString()).call());
  }

  @Test
  void anInfiniteLossNamesItsRow() {
    String message =
        error(
            PAIR.replace("\"rejected\":[-14,-18]", "\"rejected\":[-14,9000]"),
            "dil-lsif",
            "reduction=sum");
    assertTrue(message.contains("loss of row 1 must be finite, got Infinity"), message);
  }

  private JsonNode run(String json, String... words) throws IOException {
    return new ObjectMapper().readTree(execute(withInput(json, words)));
  }

  private String error(String json, String... words) {
    return assertThrows(InputException.class, () -> command(withInput(json, words)).call())
        .getMessage();
  }

  private String[] withInput(String json, String... words) {
    Path file = folder.resolve("in.json");
    try {
      Files.writeString(file, json);
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--in";
    all[words.length + 1] = file.toString();
    return all;
  }

  private static LossCommand command(String... arguments) {
    LossCommand command = new LossCommand();
    new CommandLine(command).parseArgs(arguments);
    return command;
  }

  private static String execute(String... arguments) {
    StringWriter out = new StringWriter();
    LossCommand command = new LossCommand();
    CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
    line.parseArgs(arguments);
    assertEquals(0, command.call());
    return out.toString();
  }
}
