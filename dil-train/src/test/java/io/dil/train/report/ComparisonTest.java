package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several runs on one page: a line a run, relative to its start, and a table. */
class ComparisonTest {
  @TempDir Path folder;

  private Path run(String name, String... lines) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(run.resolve("metrics.jsonl"), String.join("\n", lines) + "\n");
    return run;
  }

  private static JsonNode charts(String page) throws IOException {
    Matcher matcher = Pattern.compile("id=\"charts\">(.*?)</script>").matcher(page);
    assertTrue(matcher.find());
    return new ObjectMapper().readTree(matcher.group(1));
  }

  @Test
  void runsWithAndWithoutAReferenceStandSideBySide() throws IOException {
    Path dil =
        run(
            "dil",
            "{\"eval_loss\":1,\"eval_logps/chosen\":-50,\"eval_logps/chosen_drift\":0,\"eval_rewards/accuracies\":0.5,\"eval_pairs\":100,\"step\":0}",
            "{\"loss\":1,\"step\":1}",
            "{\"eval_loss\":0.5,\"eval_logps/chosen\":-48,\"eval_logps/chosen_drift\":2,\"eval_rewards/accuracies\":0.9,\"eval_pairs\":100,\"step\":1}");
    Path simpo =
        run(
            "simpo",
            "{\"eval_loss\":1,\"eval_logps/chosen\":-50,\"eval_rewards/accuracies\":0.5,\"eval_pairs\":100,\"step\":0}",
            "{\"loss\":\"NaN\",\"step\":1}",
            "{\"eval_loss\":1.5,\"eval_logps/chosen\":-90,\"eval_rewards/accuracies\":0.6,\"eval_pairs\":100,\"step\":1}",
            "{\"loss\":0.1,\"st");
    // A run that goes on may have half a line at its end.
    Path metrics = simpo.resolve("metrics.jsonl");
    Files.writeString(metrics, Files.readString(metrics).strip());
    Files.createDirectories(dil.resolve("eval"));
    Files.writeString(
        dil.resolve("eval/evaluation.json"),
        "{\"results\":{\"bbh\":{\"acc_norm\":0.41,\"acc_norm_stderr\":0.02},\"bbh_snarks\":{\"acc_norm\":0.5},\"gsm8k\":{\"exact_match\":0.1}}}");
    Files.writeString(
        dil.resolve("judge.json"),
        "{\"b\":\"chosen\",\"win_rate\":{\"rate\":0.55,\"low\":0.45,\"high\":0.65,\"n\":90}}");

    Comparison comparison = Comparison.of(List.of(dil, simpo));
    String page = comparison.html();

    JsonNode chosen = charts(page).get(0);
    assertEquals("[[0,1],[0,2]]", chosen.path("tables").get(0).toString());
    assertEquals("[[0,1],[0,-40]]", chosen.path("tables").get(1).toString());
    assertEquals("simpo", chosen.path("series").get(1).path("label").asText());
    assertTrue(page.contains("held out; held out, from its first evaluation"));
    assertTrue(page.contains("dil has a held-out accuracy of 90\u00a0% (100 pairs"));
    assertTrue(page.contains("lies outside of its interval"));
    assertTrue(page.contains("simpo: Held-out loss rises: 1 at its lowest, in step 0, and 1.5"));
    Map<String, String> row = comparison.table().get(0);
    assertEquals("41 ± 2", row.get("bbh acc_norm"));
    assertEquals("10", row.get("gsm8k exact_match"));
    assertFalse(row.containsKey("bbh_snarks acc_norm"));
    assertEquals("55\u00a0% (45\u00a0% to 65\u00a0%, n = 90)", row.get("wins against chosen"));
    assertEquals("-40", comparison.table().get(1).get("chosen drift"));
  }

  @Test
  void aFolderThatIsNoRunIsNamed() {
    InputException error = assertThrows(InputException.class, () -> Comparison.of(List.of(folder)));
    assertTrue(error.getMessage().contains("not a run's folder"), error.getMessage());
  }

  @Test
  void namesAreNeverMarkup() throws IOException {
    Path run = run("<img src=x>", "{\"loss\":1,\"step\":1}");
    assertFalse(Comparison.of(List.of(run)).html().contains("<img"));
  }
}
