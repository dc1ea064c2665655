package io.dil.train.sweep;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep trains, chooses and writes, with workers that make up the numbers. */
class SweepTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path output;

  @BeforeEach
  void input() throws IOException {
    output = folder.resolve("sweep");
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/config.json"), "{}");
    Files.writeString(folder.resolve("pairs.jsonl"), "{}\n");
    Files.writeString(
        folder.resolve("base.yaml"),
        "model_name_or_path: %s\ndataset_name: pairs:%s\neval_holdout: 0.1\n"
            .formatted(folder.resolve("model"), folder.resolve("pairs.jsonl")));
  }

  private SweepFile file(String more) throws IOException {
    Path file = folder.resolve("sweep.yaml");
    Files.writeString(
        file, "output_dir: %s\nbase: %s\n%s".formatted(output, folder.resolve("base.yaml"), more));
    return SweepFile.read(file, List.of());
  }

  /** Writes what a finished run leaves, with the accuracy that the test gives to its name. */
  private final class Trainer implements SweepWorkers {
    final Map<String, Double> accuracies;
    final Set<String> failing;
    final List<String> trained = Collections.synchronizedList(new ArrayList<>());
    final List<List<String>> scored = Collections.synchronizedList(new ArrayList<>());
    Runnable afterEach = () -> {};

    Trainer(Map<String, Double> accuracies, Set<String> failing) {
      this.accuracies = accuracies;
      this.failing = failing;
    }

    @Override
    public Result train(SweepRun run, Path file, int job, int jobs) throws IOException {
      trained.add(run.name());
      if (failing.contains(run.name())) {
        return new Result(Ending.FAILED, "row 3: loss is NaN", 0);
      }
      assertEquals(run.yaml(), Files.readString(file));
      double accuracy = accuracies.getOrDefault(run.name(), 0.5);
      Path own = Files.createDirectories(run.folder(output));
      Files.writeString(
          own.resolve("metrics.jsonl"),
          "{\"step\":1,\"loss\":0.7}\n{\"step\":1,\"eval_loss\":0.6}\n");
      Files.writeString(
          own.resolve("manifest.json"),
          "{\"steps\":1,\"seconds\":2,\"last_evaluation\":{\"eval_rewards/accuracies\":%s,\"eval_loss\":%s}}"
              .formatted(accuracy, 1.0 / trained.size()));
      afterEach.run();
      return new Result(Ending.FINISHED, "", 100L << 20);
    }

    @Override
    public Result score(String name, List<String> words, int job, int jobs) throws IOException {
      scored.add(words);
      boolean start = words.contains(folder.resolve("model").toString());
      // The trained model moves the chosen response up by one nat, the rejected down by two.
      Files.writeString(
          Path.of(words.get(words.indexOf("--out") + 1)),
          "{\"chosen\":{\"tokens\":4,\"logp\":%s},\"rejected\":{\"tokens\":2,\"logp\":%s}}\n"
              .formatted(start ? -8.0 : -7.0, start ? -3.0 : -5.0));
      return new Result(Ending.FINISHED, "", 0);
    }

    @Override
    public void stop() {}
  }

  private static final String TWO =
      """
      search: {learning_rate: [1e-6, 5e-7]}
      methods:
        dil: {loss_type: dil-lsif}
        dpo: {loss_type: dpo, search: {beta: [0.05, 0.1]}}
      seeds: [0, 1]
      """;

  private JsonNode table() throws IOException {
    return JSON.readTree(Files.readString(output.resolve(Sweep.TABLE)));
  }

  @Test
  void triesEverySettingAndTrainsTheBestWithTheOtherSeeds() throws IOException {
    Trainer trainer =
        new Trainer(
            Map.of(
                "dil-learning_rate-5e-7-seed-0", 0.7,
                "dpo-learning_rate-1e-6-beta-0.1-seed-0", 0.8,
                "dpo-learning_rate-5e-7-beta-0.1-seed-0", 0.85),
            Set.of());
    Sweep.Outcome outcome = new Sweep(file(TWO), trainer, SweepListener.NONE).run();
    assertEquals(Sweep.Outcome.FINISHED, outcome);
    assertEquals(
        List.of(
            "dil-learning_rate-1e-6-seed-0",
            "dil-learning_rate-5e-7-seed-0",
            "dpo-learning_rate-1e-6-beta-0.05-seed-0",
            "dpo-learning_rate-1e-6-beta-0.1-seed-0",
            "dpo-learning_rate-5e-7-beta-0.05-seed-0",
            "dpo-learning_rate-5e-7-beta-0.1-seed-0",
            "dil-learning_rate-5e-7-seed-1",
            "dpo-learning_rate-5e-7-beta-0.1-seed-1"),
        trainer.trained);
    JsonNode methods = table().path("methods");
    assertEquals(5e-7, methods.path("dil").path("best").path("learning_rate").asDouble());
    JsonNode spread = methods.path("dil").path("evaluation").path("eval_rewards/accuracies");
    assertEquals(2, spread.path("n").asInt());
    assertEquals(0.6, spread.path("mean").asDouble(), 1e-12);
    assertEquals(Math.sqrt(0.02), spread.path("sd").asDouble(), 1e-12);
    assertTrue(Files.readString(output.resolve(Sweep.PAGE)).contains("their seeds overlap"));
  }

  /** Of equals the first in the file is the best, so that a rerun chooses the same. */
  @Test
  void ofEqualSettingsTheFirstIsTheBest() throws IOException {
    Trainer trainer = new Trainer(Map.of(), Set.of());
    new Sweep(file(TWO), trainer, SweepListener.NONE).run();
    assertTrue(
        trainer.trained.contains("dil-learning_rate-1e-6-seed-1"), trainer.trained::toString);
    assertFalse(trainer.trained.contains("dil-learning_rate-5e-7-seed-1"));
  }

  /** The protocol of docs/reproduction: within one pair of the best, another metric decides. */
  @Test
  void aSecondMetricDecidesBetweenSettingsThatAreAboutAsGood() throws IOException {
    Trainer trainer =
        new Trainer(
            Map.of(
                "dpo-learning_rate-1e-6-beta-0.05-seed-0", 0.80,
                "dpo-learning_rate-5e-7-beta-0.1-seed-0", 0.79),
            Set.of());
    SweepFile file = file(TWO + "tie_metric: eval_loss\ntie_within: 0.01\n");
    new Sweep(file, trainer, SweepListener.NONE).run();
    // The trainer's losses fall from run to run.
    assertTrue(trainer.trained.contains("dpo-learning_rate-5e-7-beta-0.1-seed-1"));
    assertFalse(trainer.trained.contains("dpo-learning_rate-1e-6-beta-0.05-seed-1"));
    assertTrue(
        table()
            .path("rule")
            .asText()
            .endsWith(
                "seed 0; within 0.01 of it the smallest eval_loss; of equals the first in the order"
                    + " of the file"));
  }

  @Test
  void aMethodMayHaveItsOwnMetricAndAListOfSettings() throws IOException {
    Trainer trainer = new Trainer(Map.of(), Set.of());
    SweepFile file =
        file(
            """
            search: {learning_rate: [1e-3, 1e-4]}
            methods:
              simpo:
                loss_type: simpo
                search: [{beta: 2.0, gamma: 0.5}, {beta: 2.5, gamma: 1.4}]
              sft: {loss_type: sft, metric: eval_loss}
            """);
    new Sweep(file, trainer, SweepListener.NONE).run();
    assertEquals(6, trainer.trained.size());
    assertTrue(trainer.trained.contains("simpo-learning_rate-0.001-beta-2-gamma-0.5-seed-0"));
    // The last of two, whose loss is the smaller; of accuracies, all equal, the first.
    JsonNode methods = table().path("methods");
    assertEquals(1e-4, methods.path("sft").path("best").path("learning_rate").asDouble());
    assertEquals(1e-3, methods.path("simpo").path("best").path("learning_rate").asDouble());
  }

  @Test
  void nothingIsTrainedTwice() throws IOException {
    new Sweep(file(TWO), new Trainer(Map.of(), Set.of()), SweepListener.NONE).run();
    byte[] before = Files.readAllBytes(output.resolve(Sweep.TABLE));
    Trainer again = new Trainer(Map.of(), Set.of());
    new Sweep(file(TWO), again, SweepListener.NONE).run();
    assertEquals(List.of(), again.trained);
    assertEquals(new String(before), Files.readString(output.resolve(Sweep.TABLE)));
  }

  @Test
  void aStoppedSweepGoesOn() throws IOException {
    Trainer first = new Trainer(Map.of(), Set.of());
    Sweep sweep = new Sweep(file(TWO), first, SweepListener.NONE);
    first.afterEach = sweep::stop;
    assertEquals(Sweep.Outcome.STOPPED, sweep.run());
    assertEquals(1, first.trained.size());
    Trainer second = new Trainer(Map.of(), Set.of());
    assertEquals(Sweep.Outcome.FINISHED, new Sweep(file(TWO), second, SweepListener.NONE).run());
    assertEquals(7, second.trained.size());
    assertFalse(second.trained.contains(first.trained.get(0)));
  }

  /** A failed setting is out; the others of its method are still compared. */
  @Test
  void aFailedRunIsToldAndLeftOut() throws IOException {
    Trainer trainer =
        new Trainer(
            Map.of("dil-learning_rate-1e-6-seed-0", 0.9), Set.of("dil-learning_rate-1e-6-seed-0"));
    Sweep sweep = new Sweep(file(TWO), trainer, SweepListener.NONE);
    assertEquals(Sweep.Outcome.FAILED, sweep.run());
    assertEquals(List.of("dil-learning_rate-1e-6-seed-0: row 3: loss is NaN"), sweep.failures());
    assertEquals(
        5e-7, table().path("methods").path("dil").path("best").path("learning_rate").asDouble());
  }

  @Test
  void testPairsAreMeasuredFromTheModelThatTrainingBeganWith() throws IOException {
    Trainer trainer = new Trainer(Map.of(), Set.of());
    Path pairs = folder.resolve("pairs.jsonl");
    new Sweep(file(TWO + "test_dataset: pairs:" + pairs + "\n"), trainer, SweepListener.NONE).run();
    // Two methods with two seeds each, and the model before training once.
    assertEquals(5, trainer.scored.size());
    JsonNode test = table().path("methods").path("dil").path("test");
    assertEquals(1, test.path("chosen_drift").path("mean").asDouble(), 1e-12);
    assertEquals(-2, test.path("rejected_drift").path("mean").asDouble(), 1e-12);
    assertEquals(0.25, test.path("chosen_drift_per_token").path("mean").asDouble(), 1e-12);
    assertEquals(3, test.path("margin").path("mean").asDouble(), 1e-12);
    assertEquals(1, test.path("accuracies").path("mean").asDouble(), 1e-12);
    assertEquals(1, test.path("accuracies_longer").path("mean").asDouble(), 1e-12);
    // -7/4 is above -5/2.
    assertEquals(1, test.path("accuracies_likelihood").path("mean").asDouble(), 1e-12);
  }

  /** Scores of other pairs, or of a model that is gone, are not taken for these. */
  @Test
  void onlyWhatWasMeasuredOfTheseModelsOnThesePairsIsKept() throws IOException {
    Files.copy(folder.resolve("pairs.jsonl"), folder.resolve("others.jsonl"));
    String pairs = TWO + "test_dataset: pairs:" + folder.resolve("pairs.jsonl") + "\n";
    new Sweep(file(pairs), new Trainer(Map.of(), Set.of()), SweepListener.NONE).run();
    Trainer same = new Trainer(Map.of(), Set.of());
    new Sweep(file(pairs), same, SweepListener.NONE).run();
    assertEquals(0, same.scored.size());
    Trainer other = new Trainer(Map.of(), Set.of());
    new Sweep(file(pairs.replace("pairs.jsonl", "others.jsonl")), other, SweepListener.NONE).run();
    assertEquals(5, other.scored.size());
    Path gone = output.resolve("dil-learning_rate-1e-6-seed-0");
    try (Stream<Path> files = Files.walk(gone)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    Trainer again = new Trainer(Map.of(), Set.of());
    new Sweep(file(pairs), again, SweepListener.NONE).run();
    assertEquals(List.of("dil-learning_rate-1e-6-seed-0"), again.trained);
    assertEquals(1, again.scored.size());
  }

  @Test
  void aRunThatWasTrainedWithOtherSettingsIsNotTakenForThisOne() throws IOException {
    new Sweep(file(TWO), new Trainer(Map.of(), Set.of()), SweepListener.NONE).run();
    Files.writeString(
        folder.resolve("base.yaml"),
        Files.readString(folder.resolve("base.yaml")) + "max_length: 77\n");
    InputException error =
        assertThrows(
            InputException.class,
            () -> new Sweep(file(TWO), new Trainer(Map.of(), Set.of()), SweepListener.NONE).run());
    assertTrue(error.getMessage().contains("max_length"), error.getMessage());
    assertTrue(error.getMessage().contains("the sweep now says 77"), error.getMessage());
  }

  @Test
  void thePapersSearchSpacesHaveAName() throws IOException {
    SweepFile file =
        file(
            """
            search: {learning_rate: [3e-7, 5e-7, 6e-7, 1e-6]}
            methods:
              simpo: {loss_type: simpo, search: paper}
              slic: {loss_type: slic, search: paper}
            """);
    assertEquals(4 * (2 * 6 + 4 * 4), file.searchRuns().size());
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    InputException error =
        assertThrows(
            InputException.class,
            () ->
                file(
                    """
                    methods:
                      dil: {loss_type: dil-lsif, search: paper}
                      dpo: {loss_type: dpo, beta: 0.1, search: {beta: [0.1]}}
                      "a b": {loss_type: dpo}
                      bad: 3
                    search: {learning_rate: 1e-6, seed: [1]}
                    seeds: [-1]
                    jobs: many
                    sed: 3
                    """));
    String all = String.join("\n", error.problems());
    for (String part :
        List.of(
            "has no search for loss_type dil-lsif",
            "dpo sets beta, which is searched too",
            "got a b",
            "bad must be a map of settings",
            "learning_rate must be a list of values",
            "search must not have seed",
            "seeds must be whole numbers",
            "jobs must be a whole number",
            "unknown key sed")) {
      assertTrue(all.contains(part), part + " in\n" + all);
    }
  }

  @Test
  void wrongSettingsOfAMethodAreFoundBeforeAnythingIsTrained() throws IOException {
    Trainer trainer = new Trainer(Map.of(), Set.of());
    SweepFile file =
        file(
            """
            methods:
              dil: {loss_type: dil-lsif, beta: 0.1}
              dpo: {loss_type: dpo}
            """);
    InputException error =
        assertThrows(
            InputException.class, () -> new Sweep(file, trainer, SweepListener.NONE).run());
    assertTrue(error.getMessage().contains("beta"), error.getMessage());
    assertEquals(List.of(), trainer.trained);
    assertFalse(Files.exists(output));
  }

  @Test
  void aChoiceNeedsHeldOutPairs() throws IOException {
    Files.writeString(
        folder.resolve("base.yaml"),
        Files.readString(folder.resolve("base.yaml")).replace("eval_holdout: 0.1\n", ""));
    InputException error =
        assertThrows(
            InputException.class,
            () -> new Sweep(file(TWO), new Trainer(Map.of(), Set.of()), SweepListener.NONE).run());
    assertTrue(error.getMessage().contains("set eval_dataset_name or eval_holdout"));
  }
}
