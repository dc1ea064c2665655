package io.dil.train.track;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.train.RunControl;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose lines go to trackers too. */
class TrackedRunTest {
  @TempDir Path folder;
  private Path output;
  private Map<String, Object> settings;

  @BeforeEach
  void prepare() throws IOException {
    Path input = folder.resolve("input");
    Quickstart.unpack(input);
    output = folder.resolve("out");
    settings = new LinkedHashMap<>();
    settings.put("model_name_or_path", input.resolve("model").toString());
    settings.put("dataset_name", "pairs:" + input.resolve("pairs.jsonl"));
    settings.put("output_dir", output.toString());
    settings.put("loss_type", "simpo");
    settings.put("max_steps", 8);
    settings.put("per_device_train_batch_size", 4);
    settings.put("eval_holdout", 0.1);
    settings.put("max_eval_samples", 8);
    settings.put("eval_steps", 3);
    settings.put("save_steps", 3);
    settings.put("report_generations", 0);
  }

  /** Stops after a step. */
  private static final class Ending implements TrainingListener {
    private final long stop;
    private final List<String> messages = new ArrayList<>();
    private RunControl run = new RunControl(() -> {});

    Ending(long stop) {
      this.stop = stop;
    }

    @Override
    public void message(String text) {
      messages.add(text);
    }

    @Override
    public void started(RunControl control, long step, long totalSteps) {
      run = control;
    }

    @Override
    public void stepped(long step, int examples, Map<String, Double> metrics) {
      if (step == stop) {
        run.stop();
      }
    }
  }

  private List<String> run(long stop) {
    Ending listener = new Ending(stop);
    new TrainingRun(TrainingConfig.of(settings), listener).run();
    return listener.messages.stream().filter(text -> text.startsWith("WARNING")).toList();
  }

  private List<Map<String, Double>> lines() throws IOException {
    return MetricsFile.read(output.resolve("metrics.jsonl"));
  }

  private Path events() throws IOException {
    try (Stream<Path> files = Files.walk(output.resolve("runs"))) {
      List<Path> found = files.filter(file -> file.toString().contains("tfevents")).toList();
      assertEquals(1, found.size());
      return found.get(0);
    }
  }

  private static long count(Path events) throws IOException {
    Path copy = Files.copy(events, events.resolveSibling("copy"));
    try (EventFile file = EventFile.open(copy, Long.MAX_VALUE - 1, 0)) {
      assertEquals(Files.size(events), Files.size(copy), "a damaged event");
      return file.events();
    } finally {
      Files.delete(copy);
    }
  }

  @Test
  void anEventIsALineHoweverOftenTheRunWasStopped() throws IOException {
    settings.put("report_to", "tensorboard");
    settings.put("run_name", "first/try");
    run(2);
    assertEquals(lines().size(), count(events()));
    // A run that was killed wrote more than its checkpoint knows of.
    try (EventFile file = EventFile.open(events(), Long.MAX_VALUE - 1, 0)) {
      file.append(0, 3, Map.of("train/loss", 0.0));
    }
    run(5);
    assertEquals(lines().size(), count(events()));
    run(-1);
    assertEquals(8 + 4, lines().size());
    assertEquals(lines().size(), count(events()));
    assertEquals("first-try", String.valueOf(events().getParent().getFileName()));
  }

  @Test
  void aTrackerThatIsNamedLaterGetsAllOfIt() throws IOException {
    run(4);
    settings.put("report_to", List.of("tensorboard"));
    settings.put("logging_dir", output.resolve("runs").toString());
    run(-1);
    assertEquals(lines().size(), count(events()));
  }

  @Test
  void mlflowGoesOnWithTheSameRun() throws IOException {
    try (LoopbackMlflow server = new LoopbackMlflow()) {
      settings.put("report_to", List.of("mlflow", "tensorboard"));
      settings.put("mlflow_tracking_uri", server.uri());
      settings.put("run_name", "mine");
      settings.put("save_total_limit", 2);
      assertEquals(List.of(), run(5));
      // Step 5 was killed before its checkpoint was there, after the server heard of it.
      try (Stream<Path> all = Files.list(output.resolve("checkpoint-5"))) {
        all.forEach(TrackedRunTest::delete);
      }
      Files.delete(output.resolve("checkpoint-5"));
      assertEquals(List.of(), run(-1));
      assertEquals(1, server.runs.size());
      assertEquals(Map.of("Default", "1"), server.experiments);
      assertEquals(
          Map.of("status", "FINISHED", "name", "mine", "experiment", "1"), server.runs.get("run0"));
      assertEquals("simpo", server.parameters.get("loss_type"));
      List<String> expected = new ArrayList<>();
      for (Map<String, Double> line : lines()) {
        long step = line.get("step").longValue();
        line.forEach((key, value) -> expected.add(point(key, step, value)));
      }
      expected.removeIf(text -> text.startsWith("step "));
      List<String> found = new ArrayList<>();
      for (JsonNode metric : server.metrics) {
        found.add(
            point(
                metric.path("key").asText(),
                metric.path("step").asLong(),
                metric.path("value").asDouble()));
      }
      assertEquals(expected.size(), found.size());
      assertEquals(new TreeSet<>(expected), new TreeSet<>(found));
      assertEquals(lines().size(), count(events()));
    }
  }

  private static String point(String key, long step, double value) {
    return key + " " + step + " " + value;
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aTrackerThatFailsIsOneWarning() throws IOException {
    run(-1);
    byte[] plain = Files.readAllBytes(output.resolve("model.safetensors"));
    settings.put("report_to", List.of("mlflow", "tensorboard"));
    settings.put("overwrite_output_dir", true);
    try (LoopbackMlflow server = new LoopbackMlflow()) {
      settings.put("mlflow_tracking_uri", server.uri());
      server.healthy = 6;
      List<String> warnings = run(-1);
      assertEquals(1, warnings.size(), warnings::toString);
      assertTrue(warnings.get(0).contains("mlflow fails (status 500"), warnings::toString);
    }
    // Nobody listens there any more.
    List<String> warnings = run(-1);
    assertEquals(1, warnings.size(), warnings::toString);
    assertArrayEquals(plain, Files.readAllBytes(output.resolve("model.safetensors")));
    assertEquals(lines().size(), count(events()));
  }

  @Test
  void whereMlflowIsMustBeKnown() throws IOException {
    settings.put("report_to", "mlflow");
    TrainingConfig config = TrainingConfig.of(settings);
    try (RunFolder place = RunFolder.open(output, false)) {
      InputException error =
          assertThrows(
              InputException.class,
              () -> Trackers.of(config, place, TrainingListener.NONE, name -> Optional.empty()));
      assertTrue(error.getMessage().contains("MLFLOW_TRACKING_URI"), error::getMessage);
    }
    InputException error =
        assertThrows(
            InputException.class,
            () -> {
              settings.put("report_to", "wandb");
              TrainingConfig.of(settings);
            });
    assertTrue(error.getMessage().contains("report_to must be none, or of"), error::getMessage);
  }

  @Test
  void whoAsksIsSaidInAHeader() throws IOException {
    try (LoopbackMlflow server = new LoopbackMlflow()) {
      Map<String, String> environment =
          Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "secret");
      MlflowServer client =
          new MlflowServer(server.uri(), name -> Optional.ofNullable(environment.get(name)));
      client.post("experiments/create", Map.of("name", "x"));
      new MlflowServer(server.uri(), name -> Optional.of("t").filter(t -> name.endsWith("TOKEN")))
          .post("experiments/create", Map.of("name", "y"));
      assertEquals(List.of("Basic bWU6c2VjcmV0", "Bearer t"), server.authorizations);
    }
  }
}
