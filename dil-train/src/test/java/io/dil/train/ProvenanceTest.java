package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.losses.LossDescription;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run's records say of its loss and settings is what it was trained with. */
class ProvenanceTest {
  @TempDir Path folder;

  /** The loss of the README. */
  private static final BinaryOperator<NDArray> LSIF =
      (chosen, rejected) -> rejected.mul(2).exp().div(2).sub(chosen.exp());

  @Test
  void aLossOfOnesOwnIsPublishedAsItsAuthorDescribesIt() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 2);
    PairwiseLoss loss = PairwiseLoss.ofLogRatios(Reduction.MEAN, LSIF);
    LossDescription about = LossDescription.of("my-ratio", "e^{2 r_l} / 2 - e^{r_w}");
    new TrainingRun(TrainingConfig.of(settings)).withLoss(loss, about).run();
    String card = Files.readString(folder.resolve("run/README.md"));
    assertTrue(card.contains("Loss `my-ratio`: e^{2 r_l} / 2 - e^{r_w}"), card);
    assertFalse(card.contains("dil-lsif"), card);
    JsonNode manifest = json("run/manifest.json");
    assertEquals("my-ratio", manifest.path("loss").path("name").asText());
    assertEquals("my-ratio", manifest.path("settings").path("loss_type").asText());
    assertTrue(Files.readString(folder.resolve("run/report.html")).contains("my-ratio on model"));
    settings.put("output_dir", folder.resolve("unnamed").toString());
    new TrainingRun(TrainingConfig.of(settings)).withLoss(loss, LossDescription.unnamed()).run();
    card = Files.readString(folder.resolve("unnamed/README.md"));
    assertTrue(card.contains("Loss `custom`, not described by its author"), card);
    assertFalse(card.contains("lsif"), card);
  }

  @Test
  void aLossOfOnesOwnThatChangedIsNoticed() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    PairwiseLoss loss = PairwiseLoss.ofLogRatios(Reduction.MEAN, LSIF);
    TrainingListener failing =
        new TrainingListener() {
          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            throw new IllegalStateException("a listener fails");
          }
        };
    assertThrows(
        IllegalStateException.class,
        () ->
            new TrainingRun(TrainingConfig.of(settings), failing)
                .withLoss(loss, LossDescription.unnamed())
                .run());
    PairwiseLoss other =
        PairwiseLoss.ofLogRatios(
            Reduction.MEAN, (chosen, rejected) -> LSIF.apply(chosen, rejected).mul(2));
    InputException error =
        assertThrows(
            InputException.class,
            () ->
                new TrainingRun(TrainingConfig.of(settings), failing)
                    .withLoss(other, LossDescription.unnamed())
                    .run());
    assertTrue(error.getMessage().contains("the loss custom has other values"), error::getMessage);
    new TrainingRun(TrainingConfig.of(settings)).withLoss(loss, LossDescription.unnamed()).run();
  }

  @Test
  void settingsOfANamedLossWouldBeIgnored() throws IOException {
    PairwiseLoss loss = PairwiseLoss.ofLogRatios(Reduction.MEAN, LSIF);
    for (Map<String, Object> more :
        List.<Map<String, Object>>of(Map.of("loss_type", "dpo"), Map.of("reduction", "sum"))) {
      Map<String, Object> settings = QuickRun.settings(folder, "run");
      settings.putAll(more);
      InputException error =
          assertThrows(
              InputException.class,
              () ->
                  new TrainingRun(TrainingConfig.of(settings))
                      .withLoss(loss, LossDescription.unnamed()));
      assertTrue(error.getMessage().contains("would be ignored"), error::getMessage);
    }
  }

  @Test
  void parametersUnderAliasesAreRecordedAndCompared() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("loss_type", "ipo");
    settings.put("beta", 0.5);
    assertEquals("0.5", TrainingConfig.of(settings).asText().get("tau"));
    TrainingRun[] run = new TrainingRun[1];
    run[0] =
        new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                run[0].stop();
              }
            });
    assertEquals(TrainingRun.Outcome.STOPPED, run[0].run().outcome());
    settings.put("beta", 0.01);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("tau was 0.5 and is 0.01"), error::getMessage);
    // The same value under its other name is the same run.
    settings.remove("beta");
    settings.put("tau", 0.5);
    QuickRun.run(settings);
    String card = Files.readString(folder.resolve("run/README.md"));
    assertTrue(card.contains("| `tau` | 0.5 |"), card);
  }

  @Test
  void everyAliasIsRecordedWithWhatItImplies() throws IOException {
    for (LossSpec spec : Losses.describe()) {
      spec.aliases()
          .forEach(
              (alias, implied) -> {
                Map<String, Object> settings = required(alias);
                Map<String, String> text = TrainingConfig.of(settings).asText();
                assertEquals(spec.name(), text.get("loss_type"), alias);
                implied.forEach((name, value) -> assertEquals(value, text.get(name), alias));
              });
      spec.parameters()
          .forEach(
              parameter ->
                  assertTrue(
                      TrainingConfig.of(required(spec.name()))
                          .asText()
                          .containsKey(parameter.name()),
                      () -> spec.name() + " " + parameter.name()));
    }
  }

  @Test
  void theCardNamesNoPlaceWhateverIsSet() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 1);
    settings.put("loss_type", "dpo");
    Path secret = folder.resolve("a-secret-place");
    Files.createDirectories(secret);
    Files.writeString(
        secret.resolve("template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}");
    Files.writeString(secret.resolve("list.txt"), "{\"text\":\"a list\"}\n");
    settings.put("chat_template_path", secret.resolve("template.jinja").toString());
    settings.put("decontaminate_against", secret.resolve("list.txt").toString());
    settings.put("precompute_ref_log_probs", true);
    settings.put("ref_cache_dir", secret.resolve("cache").toString());
    settings.put("device", "cpu");
    QuickRun.run(settings);
    String card = Files.readString(folder.resolve("run/README.md"));
    assertFalse(card.contains("secret"), card);
    assertFalse(card.contains(folder.toString()), card);
    assertTrue(card.contains("| `beta` | 0.1 |"), card);
    // Whoever adds a setting decides whether a card shows it; text that may be a place is not.
    for (Setting<?> setting : Settings.all()) {
      if (setting.fallback() instanceof String && !setting.equals(Settings.LOSS_TYPE)) {
        assertFalse(card.contains("`" + setting.name() + "`"), setting.name());
      }
    }
  }

  private Map<String, Object> required(String loss) {
    Map<String, Object> settings =
        new HashMap<>(Map.of("model_name_or_path", "m", "dataset_name", "hh:d", "output_dir", "o"));
    settings.put("loss_type", loss);
    return settings;
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(folder.resolve(file)));
  }
}
