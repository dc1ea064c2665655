package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores as lines, whole or token by token. */
class ScoreCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
  }

  @Test
  void tokensAddUpToTheirResponse() throws IOException {
    List<JsonNode> whole = score();
    List<JsonNode> detailed = score("--per-token");
    assertEquals(5, detailed.size());
    for (int row = 0; row < detailed.size(); row++) {
      for (String side : List.of("chosen", "rejected")) {
        JsonNode response = detailed.get(row).path(side);
        assertEquals(whole.get(row).path(side).path("logp"), response.path("logp"));
        assertEquals(response.path("tokens").asInt(), response.path("ids").size());
        assertEquals(response.path("tokens").asInt(), response.path("logps").size());
        double sum = 0;
        for (JsonNode term : response.path("logps")) {
          assertTrue(term.asDouble() < 0, term::toString);
          sum += term.asDouble();
        }
        assertEquals(response.path("logp").asDouble(), sum, 1e-9 * Math.abs(sum));
        assertFalse(whole.get(row).path(side).has("logps"));
      }
    }
  }

  private List<JsonNode> score(String... more) throws IOException {
    Path out = folder.resolve("scores.jsonl");
    List<String> words =
        new ArrayList<>(
            List.of(
                "score",
                "--model",
                folder.resolve("model").toString(),
                "--data",
                "pairs:" + folder.resolve("pairs.jsonl"),
                "--limit",
                "5",
                "--out",
                out.toString()));
    words.addAll(List.of(more));
    assertEquals(0, Dil.run(words.toArray(String[]::new)));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }
}
