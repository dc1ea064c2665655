package io.dil.train;

import io.dil.core.InputException;
import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.optim.AdamW;
import io.dil.train.optim.Schedule;
import io.dil.train.report.GenerationSample;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.OptimizerFile;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The loop, in the order in which it runs. */
final class TrainingLoop {
  private final TrainingConfig config;
  private final TrainingListener listener;
  private final BooleanSupplier stop;
  private final RunFolder folder;
  private final RunModels models;
  private final RunData data;
  private final Trainer trainer;
  private final AdamW optimizer;
  private final Samples samples;
  private final boolean fresh;
  private final int batchSize;
  private final long examplesPerEpoch;
  private final long totalSteps;
  private final Schedule schedule;
  private final List<GenerationSample> before;
  private final double secondsBefore;
  private final long started = System.nanoTime();
  private long step;
  private long tokens;
  private long metricsBytes;
  private DataPosition position;

  /**
   * Makes a loop.
   *
   * @param trainer takes the steps
   * @param optimizer the trainer's, whose moments checkpoints hold
   * @param resumed where it goes on; null for a fresh run
   * @param stop is asked behind every step whether to end here
   */
  TrainingLoop(
      TrainingConfig config,
      TrainingListener listener,
      BooleanSupplier stop,
      RunFolder folder,
      RunModels models,
      ExampleTokenizer tokenizer,
      Trainer trainer,
      AdamW optimizer,
      @Nullable TrainState resumed) {
    this.config = config;
    this.listener = listener;
    this.stop = stop;
    this.trainer = trainer;
    batchSize = config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION);
    this.folder = folder;
    this.models = models;
    this.optimizer = optimizer;
    data = new RunData(config, tokenizer);
    samples = new Samples(config, data, tokenizer, models.policy());
    fresh = resumed == null;
    if (resumed == null) {
      examplesPerEpoch = config.get(Settings.MAX_STEPS) > 0 ? 0 : count();
      totalSteps = totalSteps();
      before = samples.generate();
      secondsBefore = 0;
      position = DataPosition.start();
    } else {
      examplesPerEpoch = resumed.examplesPerEpoch();
      totalSteps = resumed.totalSteps();
      before = resumed.before();
      secondsBefore = resumed.seconds();
      position = resumed.position();
      step = resumed.step();
      tokens = resumed.tokens();
      metricsBytes = resumed.metricsBytes();
    }
    int warmup = config.get(Settings.WARMUP_STEPS);
    schedule =
        new Schedule(
            config.get(Settings.SCHEDULE),
            config.get(Settings.LEARNING_RATE),
            warmup > 0 ? warmup : (long) Math.ceil(totalSteps * config.get(Settings.WARMUP_RATIO)),
            totalSteps);
  }

  private long count() {
    listener.message("counting the examples of one epoch");
    long count = data.count();
    if (count == 0) {
      throw new InputException("training data must give at least one example, got none");
    }
    listener.message(count + " examples an epoch");
    return count;
  }

  private long totalSteps() {
    long perEpoch = (examplesPerEpoch + batchSize - 1) / batchSize;
    return examplesPerEpoch == 0
        ? config.get(Settings.MAX_STEPS)
        : Math.max(1, (long) Math.ceil(perEpoch * config.get(Settings.EPOCHS)));
  }

  TrainingRun.Outcome run() throws IOException {
    try (MetricsFile metrics = MetricsFile.open(folder.metrics(), metricsBytes)) {
      listener.started(step, totalSteps);
      if (fresh) {
        evaluate(metrics);
      }
      ExampleStream stream = data.train(position);
      try {
        while (step < totalSteps && !stop.getAsBoolean()) {
          List<TokenizedExample> batch = new ArrayList<>();
          while (batch.size() < batchSize && stream.hasNext()) {
            batch.add(stream.next());
          }
          position = stream.position();
          if (batch.isEmpty()) {
            // A batch never spans two epochs, so that every epoch is the same number of steps.
            stream.close();
            stream = data.train(nextEpoch(position));
            continue;
          }
          if (step == 0 && config.get(Settings.REF_MODEL).isEmpty()) {
            trainer.selfCheck(batch);
          }
          train(batch, metrics);
        }
      } finally {
        stream.close();
      }
      listener.stopped();
      if (step < totalSteps) {
        save(metrics);
        return TrainingRun.Outcome.STOPPED;
      }
      finish(metrics);
      return TrainingRun.Outcome.FINISHED;
    }
  }

  private DataPosition nextEpoch(DataPosition at) {
    return new DataPosition(at.contentHash(), at.epoch() + 1, 0, at.examples(), at.dropped());
  }

  private void train(List<TokenizedExample> batch, MetricsFile metrics) throws IOException {
    Map<String, Double> row = trainer.step(batch, schedule.at(step));
    step++;
    tokens += row.getOrDefault("num_tokens", 0.0).longValue();
    row.put("num_tokens", (double) tokens);
    row.put("epoch", epoch());
    row.put("step", (double) step);
    metrics.append(row);
    listener.stepped(step, batch.size(), row);
    int evalSteps = config.get(Settings.EVAL_STEPS);
    if (evalSteps > 0 && step % evalSteps == 0 && step < totalSteps) {
      evaluate(metrics);
    }
    int saveSteps = config.get(Settings.SAVE_STEPS);
    if (saveSteps > 0 && step % saveSteps == 0 && step < totalSteps) {
      save(metrics);
    }
  }

  private double epoch() {
    return examplesPerEpoch == 0
        ? position.epoch()
        : (double) position.examples() / examplesPerEpoch;
  }

  private void evaluate(MetricsFile metrics) throws IOException {
    Optional<Iterable<List<TokenizedExample>>> heldOut = data.evaluation();
    if (heldOut.isPresent()) {
      Map<String, Double> row = trainer.evaluate(heldOut.get());
      row.put("epoch", epoch());
      row.put("step", (double) step);
      metrics.append(row);
      listener.evaluated(step, row);
    }
  }

  private void save(MetricsFile metrics) throws IOException {
    metrics.force();
    TrainState state =
        new TrainState(
            TrainState.VERSION,
            step,
            totalSteps,
            examplesPerEpoch,
            tokens,
            position,
            metrics.length(),
            config.shaping(),
            seconds(),
            before);
    listener.saved(
        folder.save(
            state,
            config.get(Settings.SAVE_LIMIT),
            path -> {
              models.save(path);
              ChatTemplateFile.write(path, config);
              OptimizerFile.write(path, optimizer, models.policy().parameters());
            }));
  }

  private void finish(MetricsFile metrics) throws IOException {
    evaluate(metrics);
    metrics.force();
    List<GenerationSample> generations = samples.after(before);
    models.finish(folder.path());
    ChatTemplateFile.write(folder.path(), config);
    ChatTemplateFile.write(folder.path().resolve(FamilyModels.MERGED), config);
    new RunEnd(config, folder, position, totalSteps, tokens, seconds(), generations).write();
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) / 1e9;
  }
}
