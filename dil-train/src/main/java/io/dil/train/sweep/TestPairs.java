package io.dil.train.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.Hashes;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures the best models on the test pairs, and the models that they began with.
 *
 * <p>Scores lie in the folder of the run whose model they are of, so that they go with it, under a
 * name that stands for what was asked: other pairs, or another way to cut them, have other scores.
 */
final class TestPairs {
  private final SweepFile file;
  private final SweepWorkers workers;
  private final SweepListener listener;
  private final AtomicBoolean stopping;

  TestPairs(SweepFile file, SweepWorkers workers, SweepListener listener, AtomicBoolean stopping) {
    this.file = file;
    this.workers = workers;
    this.listener = listener;
    this.stopping = stopping;
  }

  void measure(List<SweepRecord> records) throws IOException, InterruptedException {
    List<SweepRecord> finished =
        records.stream().filter(record -> record.state() == SweepRecord.State.FINISHED).toList();
    int known = 0;
    for (SweepRecord record : finished) {
      known += Files.exists(scores(record.run())) ? 1 : 0;
    }
    listener.began("test pairs", known, finished.size());
    for (SweepRecord record : finished) {
      SweepRun run = record.run();
      // The start's first; one file serves all that began with it.
      if (!score("the model before training", startWords(run), start(run))
          || !score(run.name(), words(run), scores(run))) {
        return;
      }
      record.tested(TestScores.of(start(run), scores(run)));
    }
  }

  /** Returns where the scores of a run's model lie. */
  private Path scores(SweepRun run) throws IOException {
    return run.folder(file.output()).resolve("test").resolve(name(words(run)));
  }

  /** Returns where those of the model that it began with lie. */
  private Path start(SweepRun run) throws IOException {
    return file.output().resolve("start").resolve(name(startWords(run)));
  }

  private static String name(List<String> words) {
    return Hashes.hex(String.join("\0", words)).substring(0, 12) + ".jsonl";
  }

  private List<String> words(SweepRun run) throws IOException {
    return words(List.of("--model", run.folder(file.output()).toString()), run.config());
  }

  private List<String> startWords(SweepRun run) throws IOException {
    TrainingConfig config = run.config();
    List<String> model = new ArrayList<>(List.of("--model", config.get(Settings.MODEL)));
    if (!config.get(Settings.ADAPTER).isEmpty()) {
      model.addAll(List.of("--adapter", config.get(Settings.ADAPTER)));
    }
    return words(model, config);
  }

  private List<String> words(List<String> model, TrainingConfig config) throws IOException {
    List<String> words = new ArrayList<>(List.of("score"));
    words.addAll(model);
    words.addAll(List.of("--data", file.testDataset()));
    words.addAll(options(config));
    return words;
  }

  /** Scores, unless it was done before; returns false if the sweep is to stop. */
  private boolean score(String name, List<String> words, Path out)
      throws IOException, InterruptedException {
    if (Files.exists(out)) {
      return true;
    }
    if (stopping.get()) {
      return false;
    }
    Files.createDirectories(out.getParent());
    List<String> command = new ArrayList<>(words);
    command.addAll(List.of("--out", out.toString()));
    if (!file.devices().isEmpty()) {
      command.addAll(List.of("--device", file.devices().get(0)));
    }
    SweepWorkers.Result result = workers.score(name, command, 0, 1);
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
