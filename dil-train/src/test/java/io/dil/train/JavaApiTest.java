package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.model.GenerationOptions;
import io.dil.data.Example;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.losses.LossDescription;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;
import io.dil.train.config.ConfigBuilder;
import io.dil.train.config.Interval;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.eval.EvaluationOptions;
import io.dil.train.eval.TaskResult;
import io.dil.train.optim.ScheduleType;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What docs/java-api.md promises. */
class JavaApiTest {
  @TempDir Path folder;

  private final List<PreferencePair> pairs = new ArrayList<>();

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder.resolve("input"));
    for (String line : Files.readAllLines(folder.resolve("input/pairs.jsonl")).subList(0, 48)) {
      JsonNode row = new ObjectMapper().readTree(line);
      pairs.add(
          new PreferencePair(
              "p" + pairs.size(),
              new Prompt.Plain(row.path("prompt").asText()),
              row.path("chosen").asText(),
              row.path("rejected").asText()));
    }
  }

  private ConfigBuilder builder(String output) {
    return TrainingConfig.builder()
        .set(Settings.MODEL, folder.resolve("input/model").toString())
        .set(Settings.OUTPUT_DIR, folder.resolve(output).toString())
        .set(Settings.LEARNING_RATE, 1e-3)
        .set(Settings.BATCH_SIZE, 8)
        .set(Settings.MAX_LENGTH, 64)
        .set(Settings.SAMPLES, 0);
  }

  @Test
  void anIterableAStreamAndAFileTrainTheSame() throws IOException {
    AtomicInteger times = new AtomicInteger();
    Iterable<PreferencePair> counted =
        () -> {
          times.incrementAndGet();
          return pairs.iterator();
        };
    RunResult result =
        new TrainingRun(builder("iterable").examples(counted).heldOut(pairs.subList(0, 8)).build())
            .run();
    assertTrue(result.finished());
    assertEquals(6, result.steps());
    assertEquals(folder.resolve("iterable"), result.folder());
    assertTrue(result.lastStep().get("loss") < -0.5, () -> result.lastStep().toString());
    assertEquals(6.0, result.lastEvaluation().get("step"));
    assertTrue(times.get() >= 2, "gone through for counting and for training, not held");

    new TrainingRun(builder("stream").examples(pairs.stream()).build()).run();
    // From a file the same rows have other ids, which nothing depends on.
    Path file = folder.resolve("first.jsonl");
    Files.write(
        file, Files.readAllLines(folder.resolve("input/pairs.jsonl")).subList(0, pairs.size()));
    new TrainingRun(builder("file").set(Settings.DATASET, List.of("pairs:" + file)).build()).run();
    assertTrainedAlike("iterable", "stream");
    assertTrainedAlike("iterable", "file");
  }

  /** The same examples in the same order: every step has the tokens and the loss of the other's. */
  private void assertTrainedAlike(String one, String other) throws IOException {
    List<Map<String, Double>> expected = steps(one);
    List<Map<String, Double>> actual = steps(other);
    assertEquals(6, expected.size());
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).get("num_tokens"), actual.get(i).get("num_tokens"));
      assertEquals(expected.get(i).get("loss"), actual.get(i).get("loss"), 1e-5);
    }
  }

  private List<Map<String, Double>> steps(String output) throws IOException {
    return MetricsFile.read(folder.resolve(output).resolve(MetricsFile.NAME)).stream()
        .filter(row -> row.containsKey("loss"))
        .toList();
  }

  @Test
  void aStoppedRunOfAProgramsExamplesGoesOnAndNoticesOthers() throws IOException {
    RunResult whole = new TrainingRun(builder("whole").examples(pairs).build()).run();
    TrainingRun[] run = new TrainingRun[1];
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            if (step == 3) {
              run[0].stop();
            }
          }
        };
    run[0] = new TrainingRun(builder("parts").examples(pairs).build(), stop);
    RunResult first = run[0].run();
    assertEquals(TrainingRun.Outcome.STOPPED, first.outcome());
    assertFalse(first.finished());
    assertEquals(3, first.steps());
    assertEquals(Map.of(), first.lastEvaluation());

    TrainingConfig other = builder("parts").examples(pairs.subList(1, 48)).build();
    assertThrows(InputException.class, () -> new TrainingRun(other).run());
    RunResult last = new TrainingRun(builder("parts").examples(pairs).build()).run();
    assertTrue(last.finished());
    assertEquals(whole.lastStep().get("loss"), last.lastStep().get("loss"), 1e-5);
    assertTrainedAlike("whole", "parts");
  }

  @Test
  void aLossOfOnesOwnIsRecordedByItsName() throws IOException {
    PairwiseLoss loss =
        PairwiseLoss.ofLogRatios(
            Reduction.MEAN, (chosen, rejected) -> chosen.sub(1).square().add(rejected.square()));
    RunResult result =
        new TrainingRun(builder("own").examples(pairs).build())
            .withLoss(loss, LossDescription.of("mine", "(r_w - 1)^2 + r_l^2"))
            .run();
    assertTrue(result.lastStep().get("loss") < 1, "1 where policy and reference agree");
    assertTrue(Files.readString(result.folder().resolve("manifest.json")).contains("\"mine\""));
  }

  @Test
  void settingsAreCheckedAllAtOnce() {
    InputException error =
        assertThrows(
            InputException.class,
            () ->
                TrainingConfig.builder()
                    .set(Settings.LEARNING_RATE, -1.0)
                    .set(Settings.BATCH_SIZE, 0)
                    .lossParameter("betta", 0.1)
                    .build());
    for (String key :
        List.of("learning_rate", "per_device_train_batch_size", "betta", "output_dir")) {
      assertTrue(
          error.problems().stream().anyMatch(problem -> problem.contains(key)),
          () -> key + " is not in " + error.problems());
    }
    assertThrows(
        InputException.class,
        () -> builder("x").set(Settings.DATASET, List.of("hh:a")).examples(pairs).build());
    TrainingConfig config =
        builder("x")
            .set(Settings.EVAL_STEPS, new Interval(0.25))
            .set(OptimSettings.SCHEDULE, ScheduleType.COSINE)
            .set(Settings.LOSS_TYPE, "dpo")
            .lossParameter("beta", 0.2)
            .examples(pairs)
            .heldOut(pairs.subList(0, 8))
            .build();
    assertEquals(new Interval(0.25), config.get(Settings.EVAL_STEPS));
    assertEquals(ScheduleType.COSINE, config.get(OptimSettings.SCHEDULE));
    assertEquals("0.2", config.loss().parameters().get("beta"));
  }

  @Test
  void aModelWritesScoresAndIsEvaluated() throws IOException {
    Files.writeString(
        folder.resolve("kind.yaml"),
        "task: kind\nversion: '1'\ndata: {test: [kind.jsonl]}\ntext: '{ask}'\n"
            + "choices: {field: answers}\ngold: {index: gold}\nmetrics: [acc]\n");
    Files.writeString(
        folder.resolve("kind.jsonl"),
        "{\"ask\": \"ask mira for tea :\", \"answers\": [\"mira , may i have tea , please ?\","
            + " \"mira , tea may tea i please have ?\"], \"gold\": 0}\n");
    try (LanguageModel model = LanguageModel.open(folder.resolve("input/model").toString())) {
      String answer = model.generate("ask mira for tea :", GenerationOptions.greedy(24));
      assertTrue(answer.contains("tea"), answer);
      List<Prompt> twice =
          List.of(new Prompt.Plain("ask noah for salt :"), new Prompt.Plain("ask mira for tea :"));
      assertEquals(answer, model.generate(twice, GenerationOptions.greedy(24)).get(1));

      List<Scored> scores = model.score(pairs.subList(0, 2));
      assertEquals(List.of("p0", "p1"), scores.stream().map(Scored::id).toList());
      Scored first = scores.get(0);
      assertEquals(2, first.logProbs().size());
      assertTrue(first.logProbs().get(0) < 0 && first.tokens().get(0) > 2);
      assertEquals(first.logProbs().get(0) / first.tokens().get(0), first.perToken(0));
      PreferencePair empty = new PreferencePair("e", new Prompt.Plain("ask :"), "", "a");
      assertThrows(InputException.class, () -> model.score(List.of(empty)));

      TaskResult task =
          model
              .evaluate(
                  List.of(folder.resolve("kind.yaml").toString()),
                  EvaluationOptions.DEFAULT,
                  folder.toString())
              .get(0);
      assertEquals(1, task.rows());
      assertEquals(1.0, task.first().mean());
    }
  }

  @Test
  void nullFailsAtTheDoor() {
    TrainingConfig config = builder("x").examples(pairs).build();
    PairwiseLoss loss = PairwiseLoss.ofLogRatios(Reduction.MEAN, (chosen, rejected) -> chosen);
    List<Executable> doors =
        List.of(
            () -> TrainingConfig.of((Map<String, ?>) null),
            () -> builder("x").set(null, 1),
            () -> builder("x").set(Settings.MODEL, null),
            () -> builder("x").lossParameter(null, 1),
            () -> builder("x").lossParameter("beta", null),
            () -> builder("x").examples((Iterable<Example>) null),
            () -> builder("x").examples((Stream<Example>) null),
            () -> builder("x").examples(Stream.of((Example) null)),
            () -> builder("x").heldOut((Iterable<Example>) null),
            () -> config.get(null),
            () -> new TrainingRun(null),
            () -> new TrainingRun(config, null),
            () -> new TrainingRun(config).withLoss(null, LossDescription.unnamed()),
            () -> new TrainingRun(config).withLoss(loss, null),
            () -> new TrainingRun(config).withReward(null),
            () -> LanguageModel.open(null),
            () -> LanguageModel.open("x", null),
            () -> new ModelOptions(null, false, null, false),
            () -> new PreferencePair(null, Prompt.NONE, "a", "b"),
            () -> new PreferencePair("1", null, "a", "b"),
            () -> new PreferencePair("1", Prompt.NONE, null, "b"),
            () -> new PreferencePair("1", Prompt.NONE, "a", null),
            () -> new io.dil.data.Demonstration("1", Prompt.NONE, (String) null),
            () -> new io.dil.data.Demonstration("1", null, "a"),
            () -> new io.dil.data.LabelledResponse("1", null, "a", true),
            () -> new io.dil.data.LabelledResponse("1", Prompt.NONE, (String) null, true),
            () -> new Prompt.Plain(null),
            () -> LossDescription.of(null, "x"),
            () -> PairwiseLoss.ofLogRatios(null, (chosen, rejected) -> chosen),
            () -> PairwiseLoss.ofLogRatios(Reduction.MEAN, null));
    for (int i = 0; i < doors.size(); i++) {
      int number = i;
      NullPointerException error =
          assertThrows(NullPointerException.class, doors.get(i), () -> "door " + number);
      // Thrown on purpose, with a name in it: not where the value happened to be used.
      assertEquals(
          "requireNonNull", error.getStackTrace()[0].getMethodName(), () -> "door " + number);
      assertNotNull(error.getMessage(), () -> "door " + number);
    }
  }
}
