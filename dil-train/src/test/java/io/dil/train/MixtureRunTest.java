package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of several losses at once. */
class MixtureRunTest {
  @TempDir Path folder;

  private Map<String, Object> settings(String output) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, output);
    settings.put("max_steps", 4);
    settings.put("report_generations", 0);
    settings.remove("report_max_new_tokens");
    return settings;
  }

  private byte[] model(String output) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve("model.safetensors"));
  }

  @Test
  void theLikelihoodBesideALossIsRpo() throws IOException {
    Map<String, Object> mixed = settings("mixed");
    mixed.put("loss_type", List.of("sigmoid", "sft"));
    mixed.put("loss_weights", List.of(1, 0.5));
    mixed.put("beta", 0.2);
    QuickRun.run(mixed);
    Map<String, Object> rpo = settings("rpo");
    rpo.put("loss_type", "dpo");
    rpo.put("beta", 0.2);
    rpo.put("rpo_alpha", 0.5);
    QuickRun.run(rpo);
    assertArrayEquals(model("rpo"), model("mixed"));
  }

  @Test
  void recordsNameEveryLossAndARunGoesOnWithTheSameAlone() throws IOException {
    Map<String, Object> settings = settings("whole");
    settings.put("loss_type", "[sigmoid, bco_pair, sft]");
    settings.put("loss_weights", "[0.8, 0.2, 0.1]");
    settings.put("sft.average_over", "tokens");
    settings.put("gradient_accumulation_steps", 2);
    QuickRun.run(settings);
    List<Map<String, Double>> rows =
        MetricsFile.read(folder.resolve("whole").resolve("metrics.jsonl"));
    // Where policy and reference agree: DPO is log 2, BCO twice that, and the rest is likelihood.
    double pairs = 0.8 * Math.log(2) + 0.2 * 2 * Math.log(2);
    double likelihood = (rows.get(0).get("loss") - pairs) / 0.1;
    assertTrue(likelihood > 0.1 && likelihood < 5, () -> "" + rows.get(0));
    String card = Files.readString(folder.resolve("whole/README.md"));
    assertTrue(card.contains("dpo+bco-pair+sft"), card);
    assertTrue(card.contains("[0.8, 0.2, 0.1]"), card);
    settings.put("output_dir", folder.resolve("parts").toString());
    assertEquals(TrainingRun.Outcome.STOPPED, QuickRun.part(settings, 2));
    settings.put("loss_weights", "[0.8, 0.2, 0.2]");
    InputException changed =
        assertThrows(InputException.class, () -> QuickRun.part(settings, Integer.MAX_VALUE));
    assertTrue(changed.getMessage().contains("loss_weights"), changed.getMessage());
    settings.put("loss_weights", "[0.8, 0.2, 0.1]");
    assertEquals(TrainingRun.Outcome.FINISHED, QuickRun.part(settings, Integer.MAX_VALUE));
    assertArrayEquals(model("whole"), model("parts"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[dpo, kto] || loss of labelled responses",
        "[dpo, reward-bt] || loss of rewards",
        "[dpo, dpo] || name a loss once",
        "[dpo, nothing] || loss must be one of",
        "[dpo, sft] | loss_weights=[1] | loss_weights must be 2 numbers",
        "[dpo, sft] | loss_weights=[1, 0] | loss_weights each must be > 0",
        "[dpo, sft] | rpo_alpha=1 | rpo_alpha is not used by loss_type dpo+sft",
        "[dpo, sft] | tau=1 | tau is not used by loss_type dpo+sft",
        "[dpo, sft] | hinge.beta=1 | hinge.beta is not used by loss_type dpo+sft",
        "[dpo, sft] | beta=-1 | beta must be > 0",
        "dpo | loss_weights=[1, 2] | loss_weights weighs several losses",
        "dpo | dpo.betta=1 | unknown key dpo.betta",
      })
  void whatIsNoMixtureIsSaidInOneLine(String losses, String more, String said) throws IOException {
    Map<String, Object> settings = settings("run");
    settings.put("loss_type", losses);
    if (more != null) {
      settings.put(more.split("=", 2)[0], more.split("=", 2)[1]);
    }
    InputException error = assertThrows(InputException.class, () -> TrainingConfig.of(settings));
    assertEquals(1, error.problems().size(), error.getMessage());
    assertTrue(error.getMessage().contains(said), error.getMessage());
  }
}
