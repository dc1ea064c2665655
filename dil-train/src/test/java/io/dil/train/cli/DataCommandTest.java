package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class DataCommandTest {
  /** Words split at spaces, with an id each: enough of a tokenizer to count with. */
  private static final String WORDS =
      """
      {"version": "1.0", "truncation": null, "padding": null,
       "added_tokens": [{"id": 0, "content": "</s>", "single_word": false, "lstrip": false,
         "rstrip": false, "normalized": false, "special": true}],
       "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
       "decoder": null,
       "model": {"type": "WordLevel", "vocab": {"</s>": 0, "q": 1, "good": 2, "bad": 3, "?": 4},
         "unk_token": "?"}}
      """;

  @TempDir private Path folder;
  private Path rows;

  @BeforeEach
  void write() throws Exception {
    rows = folder.resolve("rows.jsonl");
    Files.writeString(
        rows,
        """
        {"prompt": "q q", "chosen": " good good good", "rejected": " bad"}
        {"prompt": "q", "chosen": " good", "rejected": " good"}
        {"prompt": "q", "chosen": " good", "rejected": " bad bad"}
        {"prompt": "q", "chosen": " good", "rejected": ""}
        """);
    Files.writeString(folder.resolve("tokenizer.json"), WORDS);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    AtomicReference<Exception> failure = new AtomicReference<>();
    int code =
        new CommandLine(new DataCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(new StringWriter()))
            .setExecutionExceptionHandler(
                (error, command, parsed) -> {
                  failure.set(error);
                  return 2;
                })
            .execute(arguments);
    if (failure.get() instanceof InputException error) {
      throw error;
    }
    assertEquals(0, code);
    return out.toString();
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void statsCountRowsDropsAndTokens() throws Exception {
    JsonNode stats =
        json(run("stats", "pairs:" + rows, "--tokenizer", folder.toString(), "--json"));
    assertEquals(4, stats.get("rows").asInt());
    assertEquals(2, stats.get("kept").asInt());
    assertEquals(1, stats.get("dropped").get("identical_responses").asInt());
    assertEquals(1, stats.get("dropped").get("empty_response").asInt());
    // Each response has its EOS: (3 + 1 + 1 + 1) / 2 chosen, (1 + 1 + 2 + 1) / 2 rejected.
    assertEquals(3.0, stats.get("tokens").get("chosen").get("mean").asDouble());
    assertEquals(2.5, stats.get("tokens").get("rejected").get("mean").asDouble());
    assertEquals(2, stats.get("tokens").get("prompt").get("max").asInt());
    assertEquals(0.5, stats.get("length_bias").get("chosen_longer_share").asDouble());
    assertEquals(0.5, stats.get("length_bias").get("mean_difference").asDouble());
  }

  @Test
  void statsWorkWithoutATokenizerAndGuessTheFormat() throws Exception {
    JsonNode stats = json(run("stats", "auto:" + rows, "--json"));
    assertEquals("pairs:" + rows, stats.get("data").asText());
    assertEquals(
        " good good good".length(), stats.get("characters").get("chosen").get("max").asInt());
    String table = run("stats", "auto:" + rows);
    assertTrue(table.contains("1 (25.0 %) identical_responses"), table);
  }

  @Test
  void statsLookAtARangeOfRows() throws Exception {
    JsonNode stats = json(run("stats", "pairs:" + rows, "--skip", "1", "--limit", "2", "--json"));
    assertEquals(2, stats.get("rows").asInt());
    assertEquals(1, stats.get("dropped").get("identical_responses").asInt());
  }

  @Test
  void statsCountWhatTruncationCuts() throws Exception {
    JsonNode stats =
        json(
            run(
                "stats",
                "pairs:" + rows,
                "--tokenizer",
                folder.toString(),
                "--max-length",
                "4",
                "--json"));
    // The first pair has 2 tokens of prompt and 4 of chosen response; the second pair fits.
    assertEquals(0.5, stats.get("truncated_share").asDouble());
  }

  @Test
  void statsWriteAPage() throws Exception {
    Path page = folder.resolve("page.html");
    run("stats", "pairs:" + rows, "--html", page.toString());
    String html = Files.readString(page);
    assertTrue(html.contains("<h3>rejected</h3>") && html.contains("rows</title></rect>"), html);
  }

  @Test
  void inspectShowsTextTokensAndBoundary() throws Exception {
    String text = run("inspect", "pairs:" + rows, "--tokenizer", folder.toString(), "--limit", "1");
    assertTrue(text.contains("rows.jsonl:1 · tokens: prompt 2, chosen 4, rejected 2"), text);
    assertTrue(text.contains(" ┃ "), text);
    assertTrue(text.contains("\nchosen   tokens    q| q ┃  good| good| good| </s>\n"), text);
    assertTrue(text.contains("\nrejected tokens    q| q ┃  bad| </s>\n"), text);
    JsonNode row =
        json(
            run(
                "inspect",
                "pairs:" + rows,
                "--tokenizer",
                folder.toString(),
                "--limit",
                "1",
                "--json"));
    assertArrayEquals(
        new int[] {2, 2, 2, 0},
        new ObjectMapper().convertValue(row.get("tokens").get("chosen"), int[].class));
  }

  @Test
  void badRowsFailOrAreCounted() throws Exception {
    Files.writeString(rows, "{\"prompt\": \"q\", \"chosen\": \" good\"}\n");
    InputException error = assertThrows(InputException.class, () -> run("stats", "pairs:" + rows));
    assertTrue(error.getMessage().startsWith(rows + ":1: "), error::getMessage);
    JsonNode stats = json(run("stats", "pairs:" + rows, "--on-bad-row", "skip", "--json"));
    assertEquals(1, stats.get("dropped").get("bad_row").asInt());
  }
}
