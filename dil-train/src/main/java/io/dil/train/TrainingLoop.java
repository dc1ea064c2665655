package io.dil.train;

import io.dil.core.InputException;
import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.optim.Schedule;
import io.dil.train.optim.ScheduleNumbers;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.policy.Pool;
import io.dil.train.report.GenerationSample;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.PendingPair;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The loop, in the order in which it runs. */
final class TrainingLoop {
  private final TrainingConfig config;
  private final TrainingListener listener;
  private final Stopping stop;
  private final RunFolder folder;
  private final RankModels models;
  private final RunData data;
  private final Trainer trainer;
  private final ExampleTokenizer tokenizer;
  private final @Nullable AnswerRewards rewards;
  private final Samples samples;
  private final Optional<TaskSlices> tasks;
  private final Identity identity;
  private final int batchSize;
  private final long examplesPerEpoch;
  private final long rowsPerEpoch;
  private final ContextWarning context;
  private final long totalSteps;
  private final Schedule schedule;
  private final List<GenerationSample> before;
  private final double secondsBefore;
  private final long started = System.nanoTime();
  private long step;
  private long tokens;
  private long metricsBytes;
  private long evaluated = -1;
  private long saved;
  private DataPosition position;
  private List<TokenizedExample> pending = List.of();

  /**
   * What a run reads and computes with.
   *
   * @param inputs hashes of contents, see {@link RunInputs}
   * @param environment see {@link RunEnvironment}
   * @param loss values of the loss, see {@link LossProbe}
   * @param context the longest sequence that the model was made for; 0 where it does not say
   */
  record Identity(
      Map<String, String> inputs, Map<String, String> environment, String loss, int context) {}

  /**
   * Makes a loop.
   *
   * @param trainer takes the steps
   * @param rewards what the policy's own answers are worth; null where the run trains on data
   * @param resumed where it goes on; null for a fresh run
   * @param identity what the run reads and computes with, for its checkpoints
   * @param stop is looked at after every step, and within counting and evaluation
   */
  TrainingLoop(
      TrainingConfig config,
      TrainingListener listener,
      Identity identity,
      Stopping stop,
      RunFolder folder,
      RankModels models,
      RunData data,
      ExampleTokenizer tokenizer,
      Trainer trainer,
      @Nullable AnswerRewards rewards,
      @Nullable TrainState resumed) {
    this.config = config;
    this.listener = listener;
    this.identity = identity;
    this.stop = stop;
    this.trainer = trainer;
    batchSize = config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION);
    this.folder = folder;
    this.models = models;
    this.data = data;
    this.tokenizer = tokenizer;
    this.rewards = rewards;
    samples = new Samples(config, data, tokenizer, stop);
    tasks = TaskSlices.of(config, Models.folder(config.get(Settings.MODEL)));
    context = new ContextWarning(identity.context(), listener);
    if (trainer.needsOthers() && batchSize < 2) {
      throw new InputException(
          "per_device_train_batch_size times gradient_accumulation_steps must be at least 2 for "
              + config.loss().name()
              + ", which estimates a KL divergence from the responses to other prompts, got "
              + batchSize);
    }
    if (resumed == null) {
      boolean counts = config.get(Settings.MAX_STEPS) == 0;
      examplesPerEpoch = counts ? count() : 0;
      rowsPerEpoch = counts ? 0 : data.rows();
      totalSteps = totalSteps();
      before = models.withPolicy(samples::generate, List.of());
      secondsBefore = 0;
      position = DataPosition.start();
    } else {
      examplesPerEpoch = resumed.examplesPerEpoch();
      rowsPerEpoch = resumed.rowsPerEpoch();
      totalSteps = resumed.totalSteps();
      before = resumed.before();
      secondsBefore = resumed.seconds();
      position = resumed.position();
      pending = resumed.pending();
      step = resumed.step();
      tokens = resumed.tokens();
      metricsBytes = resumed.metricsBytes();
      evaluated = resumed.evaluated();
      saved = resumed.step();
    }
    int warmup = config.get(OptimSettings.WARMUP_STEPS);
    schedule =
        new Schedule(
            new ScheduleNumbers(
                config.get(OptimSettings.SCHEDULE), config.get(OptimSettings.SCHEDULE_NUMBERS)),
            config.get(Settings.LEARNING_RATE),
            warmup > 0
                ? warmup
                : (long) Math.ceil(totalSteps * config.get(OptimSettings.WARMUP_RATIO)),
            totalSteps);
  }

  private long count() {
    String what = rewards == null ? "example" : "prompt";
    listener.message("counting the " + what + "s of one epoch");
    RunData.Count count = rewards == null ? data.count(context.limit()) : data.countPrompts();
    if (count.examples() == 0) {
      throw RunData.noExample("training data must give at least one " + what, count.dropped());
    }
    listener.message(count.examples() + " " + what + "s per epoch");
    context.counted(count.beyondContext(), count.examples());
    return count.examples();
  }

  private long totalSteps() {
    long perEpoch = StepBatches.count(examplesPerEpoch, batchSize, trainer.needsOthers());
    return examplesPerEpoch == 0
        ? config.get(Settings.MAX_STEPS)
        : Math.max(1, (long) Math.ceil(perEpoch * config.get(Settings.EPOCHS)));
  }

  /**
   * Takes the steps that are left and writes what the run is for. Whatever ends it early, what was
   * trained is kept in a checkpoint first.
   */
  TrainingRun.Outcome run() throws IOException {
    if (step == 0) {
      folder.startOver();
    }
    try (MetricsFile metrics =
        models.lead() ? MetricsFile.open(folder.metrics(), metricsBytes) : MetricsFile.nowhere()) {
      listener.started(step, totalSteps);
      try {
        steps(metrics);
        listener.stopped();
        finish(metrics);
        return TrainingRun.Outcome.FINISHED;
      } catch (Stopping.Stopped e) {
        listener.stopped();
        keep(metrics);
        return TrainingRun.Outcome.STOPPED;
      } catch (IOException | RuntimeException | Error e) {
        listener.stopped();
        keepAfter(e, metrics);
        throw e;
      }
    } finally {
      if (step == 0
          && models.lead()
          && Files.exists(folder.metrics())
          && Files.size(folder.metrics()) == 0) {
        // A run that came to nothing leaves nothing.
        Files.delete(folder.metrics());
      }
    }
  }

  private void steps(MetricsFile metrics) throws IOException {
    if (step == totalSteps) {
      return;
    }
    boolean begun = false;
    try (StepSource source = source()) {
      while (step < totalSteps) {
        stop.checkTogether();
        List<TokenizedExample> batch = source.next();
        context.look(batch);
        if (step == 0 && config.get(Settings.REF_MODEL).isEmpty()) {
          trainer.selfCheck(batch);
        }
        if (!begun) {
          // Only now: data that gives nothing is found before anything is written.
          evaluateIfDue(metrics);
          begun = true;
        }
        train(batch, source, metrics);
      }
    }
  }

  private StepSource source() {
    if (rewards == null) {
      return new EpochSteps(data, position, batchSize, trainer.needsOthers());
    }
    Pool pool =
        new Pool(
            config,
            models.replicas().get(0).policy(),
            tokenizer,
            rewards,
            trainer::logRatios,
            stop::isAsked);
    return new PolicySteps(
        pool,
        data.prompts(position),
        position,
        pending,
        batchSize,
        trainer.needsOthers() ? 2 : 1,
        config.get(OnPolicySettings.REFRESH));
  }

  private void train(List<TokenizedExample> batch, StepSource source, MetricsFile metrics)
      throws IOException {
    Map<String, Double> row = trainer.step(batch, schedule.at(step));
    models.stepped(step + 1);
    // From here to the end of the next line nothing can fail: step, place and weights go together.
    step++;
    position = source.position();
    pending = source.pending();
    row.putAll(source.metrics());
    tokens += row.getOrDefault("num_tokens", 0.0).longValue();
    row.put("num_tokens", (double) tokens);
    row.put("epoch", epoch());
    row.put("step", (double) step);
    metrics.append(row);
    listener.stepped(step, batch.size(), row);
    evaluateIfDue(metrics);
    long saveSteps = config.get(Settings.SAVE_STEPS).steps(totalSteps);
    if (saveSteps > 0 && step % saveSteps == 0 && step < totalSteps) {
      save(metrics);
    }
  }

  /** Returns how often the data was gone through: by its examples, or by rows where uncounted. */
  private double epoch() {
    if (examplesPerEpoch > 0) {
      return (double) position.examples() / examplesPerEpoch;
    }
    return position.epoch()
        + (rowsPerEpoch == 0 ? 0 : Math.min(1, (double) position.rows() / rowsPerEpoch));
  }

  /** Evaluates at the start and every so many steps, once each; also when it failed before. */
  private void evaluateIfDue(MetricsFile metrics) throws IOException {
    long evalSteps = config.get(Settings.EVAL_STEPS).steps(totalSteps);
    boolean due = step == 0 || (evalSteps > 0 && step % evalSteps == 0);
    if (due && step < totalSteps) {
      evaluate(metrics);
    }
  }

  private void evaluate(MetricsFile metrics) throws IOException {
    if (evaluated == step) {
      return;
    }
    Map<String, Double> row = new LinkedHashMap<>();
    Optional<RunData.HeldOut> heldOut = data.evaluation();
    if (heldOut.isPresent()) {
      row.putAll(trainer.evaluate(heldOut.get()));
      if (heldOut.get().examples() == 0) {
        throw RunData.noExample(
            "held-out data must give at least one example", heldOut.get().dropped());
      }
    }
    tasks.ifPresent(slices -> row.putAll(models.withPolicy(slices::run, Map.of())));
    if (!row.isEmpty()) {
      row.put("epoch", epoch());
      row.put("step", (double) step);
      evaluated = step;
      metrics.append(row);
      listener.evaluated(step, row);
    }
  }

  private void keep(MetricsFile metrics) throws IOException {
    if (step > saved) {
      save(metrics);
    } else if (step > 0) {
      listener.saved(folder.checkpoint(saved));
    }
  }

  private void keepAfter(Throwable error, MetricsFile metrics) {
    // Other processes may be in the middle of what a checkpoint would need them for.
    if (step == saved || models.areProcesses()) {
      return;
    }
    if (models.replicas().stream().anyMatch(own -> own.optimizer().steps() != step)) {
      // The optimiser counts a step before it begins it, so weights may be half updated.
      listener.message("an error came while weights were updated; the last checkpoint stays");
      return;
    }
    try {
      listener.message("an error ends the run; step " + step + " is kept first");
      save(metrics);
    } catch (IOException | RuntimeException e) {
      // A card that is gone takes its rows of the optimiser along.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      listener.message(
          "step " + step + " could not be kept (" + reason + "); the last checkpoint stays");
      error.addSuppressed(e);
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
            rowsPerEpoch,
            tokens,
            position,
            metrics.length(),
            evaluated,
            config.shaping(),
            identity.inputs(),
            identity.environment(),
            identity.loss(),
            seconds(),
            before,
            pending.stream().map(PendingPair::of).toList());
    listener.saved(folder.save(state, config.get(Settings.SAVE_LIMIT), models::save));
    saved = step;
  }

  /** Writes the model before anything else that can fail. */
  private void finish(MetricsFile metrics) throws IOException {
    metrics.force();
    folder.install(models::finish);
    evaluate(metrics);
    metrics.force();
    List<GenerationSample> generations =
        models.withPolicy(policy -> samples.after(policy, before), List.of());
    boolean reward = !models.replicas().get(0).policy().writesText();
    if (models.lead()) {
      new RunEnd(config, folder, position, totalSteps, tokens, seconds(), generations, reward)
          .write();
    }
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) / 1e9;
  }
}
