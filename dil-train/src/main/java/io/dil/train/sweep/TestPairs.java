package io.dil.train.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.data.token.Truncation;
import io.dil.train.ChatTemplateFile;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Measures the best models on the test pairs, and the models that they began with. */
final class TestPairs {
  private final SweepFile file;
  private final SweepWorkers workers;
  private final SweepListener listener;
  private final AtomicBoolean stopping;
  private final Map<List<String>, Path> starts = new LinkedHashMap<>();

  TestPairs(SweepFile file, SweepWorkers workers, SweepListener listener, AtomicBoolean stopping) {
    this.file = file;
    this.workers = workers;
    this.listener = listener;
    this.stopping = stopping;
  }

  /** Returns where the scores of a run's model lie. */
  private Path scores(SweepRun run) {
    return file.output().resolve(run.name() + ".test.jsonl");
  }

  void measure(List<SweepRecord> records) throws IOException, InterruptedException {
    List<SweepRecord> finished =
        records.stream().filter(record -> record.hasState("finished")).toList();
    listener.began(
        "test pairs",
        (int) finished.stream().filter(record -> Files.exists(scores(record.run()))).count(),
        finished.size());
    for (SweepRecord record : finished) {
      SweepRun run = record.run();
      Path start = start(run.config());
      if (stopping.get()) {
        return;
      }
      String folder = run.folder(file.output()).toString();
      if (!score(run.name(), List.of("--model", folder), run.config(), scores(run))) {
        return;
      }
      record.tested(TestScores.of(start, scores(run)));
    }
  }

  /** Returns the scores of the model that a run began with, once for all that began with it. */
  private Path start(TrainingConfig config) throws IOException, InterruptedException {
    List<String> model = new ArrayList<>(List.of("--model", config.get(Settings.MODEL)));
    if (!config.get(Settings.ADAPTER).isEmpty()) {
      model.addAll(List.of("--adapter", config.get(Settings.ADAPTER)));
    }
    List<String> key = new ArrayList<>(model);
    key.addAll(options(config));
    Path known = starts.get(key);
    if (known == null) {
      known = file.output().resolve("start-" + Integer.toHexString(key.hashCode()) + ".test.jsonl");
      starts.put(key, known);
      score("the model before training", model, config, known);
    }
    return known;
  }

  private boolean score(String name, List<String> model, TrainingConfig config, Path out)
      throws IOException, InterruptedException {
    if (Files.exists(out)) {
      return true;
    }
    List<String> words = new ArrayList<>(List.of("score"));
    words.addAll(model);
    words.addAll(List.of("--data", file.testDataset(), "--out", out.toString()));
    words.addAll(options(config));
    if (!file.devices().isEmpty()) {
      words.addAll(List.of("--device", file.devices().get(0)));
    }
    SweepWorkers.Result result = workers.score(name, words, 0, 1);
    if (result.ending() == SweepWorkers.Ending.FAILED) {
      throw new InputException("test_dataset: " + name + ": " + result.problem());
    }
    return result.ending() == SweepWorkers.Ending.FINISHED;
  }

  private List<String> options(TrainingConfig config) throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--max-length", String.valueOf(config.get(Settings.MAX_LENGTH))));
    if (config.maxPromptLength() != Truncation.NONE.maxPromptLength()) {
      words.addAll(List.of("--max-prompt-length", String.valueOf(config.maxPromptLength())));
    }
    Optional<String> template = ChatTemplateFile.of(config);
    if (template.isPresent()) {
      // It may stand in the configuration itself; the command takes a file.
      Path copy =
          file.output()
              .resolve("template-" + Integer.toHexString(template.get().hashCode()) + ".jinja");
      AtomicFile.write(copy, template.get().getBytes(StandardCharsets.UTF_8));
      words.addAll(List.of("--chat-template", copy.toString()));
    }
    Map<String, Object> arguments = config.get(ChatSettings.CHAT_TEMPLATE_KWARGS);
    if (!arguments.isEmpty()) {
      words.addAll(
          List.of("--chat-template-kwargs", new ObjectMapper().writeValueAsString(arguments)));
    }
    return words;
  }
}
