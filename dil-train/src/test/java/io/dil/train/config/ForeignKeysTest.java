package io.dil.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of other trainers' keys against the real classes ({@code
 * dil-train/src/test/python/foreign_keys.py} wrote their fields) and against docs/trl.md.
 */
class ForeignKeysTest {
  private static final Path RESOURCES = Path.of("src/test/resources/foreign");

  @Test
  void everyKeyOfTrlHasOneVerdict() throws IOException {
    Set<String> ours = ours();
    TreeMap<String, List<String>> wrong = new TreeMap<>();
    for (String key : trl()) {
      List<String> verdicts = new ArrayList<>();
      if (ours.contains(key)) {
        verdicts.add("used");
      }
      ForeignKeys.of(key).ifPresent(row -> verdicts.add(row.verdict().name()));
      if (verdicts.size() != 1) {
        wrong.put(key, verdicts);
      }
    }
    assertEquals(new TreeMap<>(), wrong);
    assertTrue(trl().size() > 150, "the committed fields are incomplete");
  }

  @Test
  void noRowIsForAKeyThatExistsNowhere() throws IOException {
    Set<String> real = trl();
    JsonNode others = json("other-keys.json");
    for (ForeignKey row : ForeignKeys.all()) {
      if (row.origin().equals("trl")) {
        assertTrue(real.contains(row.name()), row.name());
      } else {
        assertFalse(real.contains(row.name()), row.name());
        Set<String> keys = new HashSet<>();
        others.path(row.origin()).path("keys").forEach(key -> keys.add(key.asText()));
        assertTrue(keys.contains(row.name()), row.origin() + ": " + row.name());
      }
    }
  }

  @Test
  void rowsSayWhyAndWhatToDo() {
    for (ForeignKey row : ForeignKeys.all()) {
      boolean every = row.accepted().contains("*");
      assertFalse(row.says().isBlank(), row.name());
      assertEquals(every, row.otherwise().isBlank(), row.name());
    }
  }

  @Test
  void whatIsTranslatedHasARule() {
    for (ForeignKey row : ForeignKeys.all()) {
      if (row.verdict() == ForeignKey.Verdict.TRANSLATED) {
        Given given = new Given("");
        given.put(row.name(), "steps", "");
        String text =
            Translation.of(given).findings().stream()
                .filter(finding -> finding.key().equals(row.name()))
                .findFirst()
                .orElseThrow()
                .text();
        // The table's own words would mean that no rule took the key.
        assertFalse(text.equals(row.says()), row.name() + ": " + text);
      }
    }
  }

  @Test
  void theDefaultsWrittenDownAreTheRealOnes() throws IOException {
    JsonNode classes = json("trl.json").path("classes");
    JsonNode arguments = classes.path("transformers.TrainingArguments");
    assertEquals(TrainerDefaults.EPOCHS, arguments.path("num_train_epochs").doubleValue());
    assertEquals(TrainerDefaults.SCHEDULE, arguments.path("lr_scheduler_type").textValue());
    assertEquals(TrainerDefaults.WARMUP, arguments.path("warmup_steps").doubleValue());
    assertEquals(TrainerDefaults.RATE, arguments.path("learning_rate").doubleValue());
    for (String preference :
        List.of(
            "trl.DPOConfig",
            "trl.KTOConfig",
            "trl.experimental.cpo.CPOConfig",
            "trl.experimental.orpo.ORPOConfig")) {
      JsonNode fields = classes.path(preference);
      assertEquals(TrainerDefaults.PREFERENCE_RATE, fields.path("learning_rate").doubleValue());
      assertEquals(TrainerDefaults.LENGTH, fields.path("max_length").intValue(), preference);
    }
    assertEquals(
        TrainerDefaults.SFT_RATE,
        classes.path("trl.SFTConfig").path("learning_rate").doubleValue());
    assertEquals(
        TrainerDefaults.REWARD_RATE,
        classes.path("trl.RewardConfig").path("learning_rate").doubleValue());
    // What is silent here and there means the same.
    for (Setting<?> setting :
        List.of(
            Settings.BATCH_SIZE,
            Settings.EVAL_BATCH_SIZE,
            Settings.ACCUMULATION,
            Settings.SEED,
            OptimSettings.WEIGHT_DECAY,
            OptimSettings.ADAM_BETA1,
            OptimSettings.ADAM_BETA2,
            OptimSettings.ADAM_EPSILON,
            OptimSettings.MAX_GRAD_NORM)) {
      assertEquals(
          arguments.path(setting.name()).doubleValue(),
          Double.parseDouble(setting.fallback().toString()),
          setting.name());
    }
  }

  @Test
  void theDocumentHasTheTable() throws IOException {
    String document = Files.readString(Path.of("../docs/trl.md"));
    for (ForeignKey row : ForeignKeys.all()) {
      assertTrue(
          document.contains(markdown(row) + "\n"), () -> "add to docs/trl.md: " + markdown(row));
    }
    long rows =
        document
            .lines()
            .filter(
                line ->
                    line.matches(
                        "\\| `\\w+` \\| [\\w -]+ \\| (already so|translated|refused) \\|.*"))
            .count();
    assertEquals(ForeignKeys.all().size(), rows);
  }

  private static String markdown(ForeignKey row) {
    String verdict =
        row.verdict() == ForeignKey.Verdict.ALREADY
            ? "already so"
            : row.verdict().name().toLowerCase(Locale.ROOT);
    String text = row.says();
    if (!row.accepted().contains("*")) {
      String values =
          row.accepted().stream()
              .map(value -> value.isEmpty() ? "nothing" : "`" + value + "`")
              .collect(Collectors.joining(", "));
      text = values + ": " + row.says() + ". Else: " + row.otherwise();
    }
    return "| `" + row.name() + "` | " + row.origin() + " | " + verdict + " | " + text + " |";
  }

  private static Set<String> ours() {
    Set<String> names = new HashSet<>(LossNames.allParameters());
    Settings.all().forEach(setting -> names.add(setting.name()));
    return names;
  }

  private static Set<String> trl() throws IOException {
    Set<String> keys = new TreeSet<>();
    for (JsonNode fields : json("trl.json").path("classes")) {
      Set<String> names = new LinkedHashSet<>();
      fields.fieldNames().forEachRemaining(names::add);
      keys.addAll(names);
    }
    return keys;
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(RESOURCES.resolve(name).toFile());
  }
}
