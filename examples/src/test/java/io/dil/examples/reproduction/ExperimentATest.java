package io.dil.examples.reproduction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The committed results are those of the program, and the page says what they say. */
class ExperimentATest {
  private static final Path FOLDER = Path.of("..", "docs", "reproduction");
  private static final Pattern DECIMAL = Pattern.compile("\\d+\\.\\d+");

  private static JsonNode results() throws IOException {
    return new ObjectMapper().readTree(Files.readString(FOLDER.resolve("experiment-a.json")));
  }

  private static JsonNode named(JsonNode conditions, Condition condition) {
    for (JsonNode node : conditions) {
      if (node.path("name").asText().equals(condition.name())) {
        return node;
      }
    }
    throw new IllegalStateException("no condition " + condition.name());
  }

  @Test
  void theFileIsWrittenAsTheProgramWritesIt() throws IOException {
    assertEquals(ResultText.of(results()), Files.readString(FOLDER.resolve("experiment-a.json")));
  }

  @Test
  void exactExpectationsGiveTheCommittedNumbers() throws IOException {
    Condition condition = new Condition(0, 0, 1, ExactWorld.Sampling.PREFERENCES);
    same(named(results().path("exact"), condition), ExperimentA.exact(condition), "exact");
  }

  @Test
  void samplesGiveTheCommittedNumbers() throws IOException {
    Condition condition = Condition.finite().get(0);
    assertEquals(30, condition.pairs());
    same(named(results().path("finite"), condition), ExperimentA.finite(condition), "finite");
  }

  /** Text and counts are equal; numbers too, but for what another processor may round otherwise. */
  private static void same(JsonNode expected, JsonNode actual, String place) {
    assertEquals(expected.size(), actual.size(), place);
    if (expected.isFloatingPointNumber() || actual.isFloatingPointNumber()) {
      double value = expected.asDouble();
      assertEquals(value, actual.asDouble(), 1e-5 + 2e-3 * Math.abs(value), place);
    } else if (expected.isObject()) {
      expected
          .properties()
          .forEach(
              field ->
                  same(
                      field.getValue(), actual.path(field.getKey()), place + "." + field.getKey()));
    } else if (expected.isArray()) {
      for (int i = 0; i < expected.size(); i++) {
        same(expected.path(i), actual.path(i), place + "." + i);
      }
    } else {
      assertEquals(expected.asText(), actual.asText(), place);
    }
  }

  @Test
  void theClaimsAreDecidedByTheNumbers() throws IOException {
    JsonNode results = results();
    List<ObjectNode> claims = Claims.decide(results);
    assertEquals(results.path("claims").size(), claims.size());
    for (int i = 0; i < claims.size(); i++) {
      same(results.path("claims").path(i), claims.get(i), "claim " + i);
    }
  }

  /** Another path of LSIF alone makes another outcome. */
  @Test
  void anotherPathIsAnotherOutcome() throws IOException {
    JsonNode base = Claims.base(results());
    assertEquals("does not hold", withLsif(base, -1, ConditionRun.SEEDS));
    JsonNode others = base.path("methods");
    for (String name : List.of("dpo", "simpo")) {
      set(others.path(name), -1, ConditionRun.SEEDS);
    }
    assertEquals("holds", withLsif(base, 0.1, 0));
    assertEquals("undecided", withLsif(base, -0.03, ConditionRun.SEEDS));
    set(others.path("dpo"), 0.1, 0);
    assertEquals("does not hold", withLsif(base, 0.1, 0));
  }

  private static String withLsif(JsonNode base, double change, int fallen) {
    set(base.path("methods").path("dil-lsif"), change, fallen);
    return Claims.likelihood(base, ConditionRun.Rule.DEFAULT).path("outcome").asText();
  }

  private static void set(JsonNode method, double change, int fallen) {
    ObjectNode path = (ObjectNode) method.path("paths").path("DEFAULT");
    path.putArray("chosen");
    path.putArray("fallen");
    for (int at = 0; at < ConditionRun.STOPS; at++) {
      path.withArray("/chosen").add(change);
      path.withArray("/fallen").add(fallen);
    }
  }

  @Test
  void thePlotsAreOfTheResults() throws IOException {
    JsonNode results = results();
    same(results.path("plots"), Figures.of(results), "plots");
    for (JsonNode plot : results.path("plots")) {
      String file = plot.path("file").asText() + ".svg";
      assertTrue(Files.readString(FOLDER.resolve(file)).startsWith("<?xml"), file);
    }
  }

  @Test
  void theTablesOfThePagesAreThoseOfTheResults() throws IOException {
    for (String name : List.of("experiment-a.md", "README.md")) {
      String page = Files.readString(FOLDER.resolve(name));
      assertTrue(page.contains("<!-- table: claims -->"), name);
      assertEquals(ExperimentPage.filled(page, results()), page);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> ExperimentPage.filled("<!-- table: none -->\n<!-- end -->", results()));
  }

  /** Every decimal number that the prose of a page quotes stands in a table of the results. */
  @Test
  void theProseQuotesNumbersOfTheTables() throws IOException {
    String tables = String.join("\n", ExperimentPage.tables(results()).values());
    for (String name : List.of("experiment-a.md", "README.md")) {
      String page = Files.readString(FOLDER.resolve(name));
      List<String> unknown = new ArrayList<>();
      for (String line : page.split("\n")) {
        boolean prose = !line.startsWith("|") && !line.startsWith("    ");
        Matcher numbers = DECIMAL.matcher(prose ? line : "");
        while (numbers.find()) {
          if (!tables.contains(numbers.group())) {
            unknown.add(numbers.group() + ": " + line);
          }
        }
      }
      assertEquals(List.of(), unknown, name);
    }
  }
}
