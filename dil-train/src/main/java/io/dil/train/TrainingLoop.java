package io.dil.train;

import io.dil.core.InputException;
import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.SaveStrategy;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.optim.Schedule;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.policy.Pool;
import io.dil.train.report.GenerationSample;
import io.dil.train.run.BestState;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.PendingPair;
import io.dil.train.run.RunCourse;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  private final Evaluations evaluations;
  private final RunIdentity identity;
  private final int batchSize;
  private final ContextWarning context;
  private final RunLength length;
  private final long totalSteps;
  private final Rhythm rhythm;
  private final BestModel best;
  private final RunControl control;
  private final Schedule schedule;
  private final List<GenerationSample> before;
  private final double secondsBefore;
  private final long started = System.nanoTime();
  private long step;
  private long tokens;
  private long metricsBytes;
  private long evaluated = -1;
  private long saved;
  private double rate;
  private String ended;
  private DataPosition position;
  private List<TokenizedExample> pending = List.of();

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
      RunIdentity identity,
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
    evaluations = new Evaluations(config, data, trainer, models);
    context = new ContextWarning(identity.context(), listener);
    if (trainer.needsOthers() && batchSize < 2) {
      throw new InputException(
          "per_device_train_batch_size times gradient_accumulation_steps must be at least 2 for "
              + config.loss().name()
              + ", which estimates a KL divergence from the responses to other prompts, got "
              + batchSize);
    }
    control = new RunControl(stop::ask);
    RunCourse course = resumed == null ? RunCourse.START : resumed.gone();
    best = new BestModel(config, course);
    rate = course.rate();
    ended = course.ended();
    length =
        resumed == null
            ? RunLength.count(
                config, data, rewards != null, batchSize, trainer.needsOthers(), context, listener)
            : RunLength.resumed(resumed, batchSize, trainer.needsOthers());
    totalSteps = length.steps();
    rhythm = Rhythm.of(config, length.perEpoch(), totalSteps);
    if (resumed == null) {
      before = models.withPolicy(samples::generate, List.of());
      secondsBefore = 0;
      position = DataPosition.start();
    } else {
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
    schedule = OptimSettings.schedule(config, totalSteps);
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
      listener.started(control, step, totalSteps);
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
      if (step == 0) {
        folder.dropEmptyMetrics();
      }
    }
  }

  private void steps(MetricsFile metrics) throws IOException {
    if (step > 0) {
      // What was due after the step that a checkpoint was written of in a hurry.
      afterStep(metrics);
    }
    if (isOver()) {
      return;
    }
    boolean begun = false;
    try (StepSource source = source()) {
      while (!isOver()) {
        stop.checkTogether();
        List<TokenizedExample> batch = source.next();
        context.look(batch);
        if (step == 0 && config.get(Settings.REF_MODEL).isEmpty()) {
          trainer.selfCheck(batch);
        }
        if (!begun && step == 0 && rhythm.evaluatesAt(0)) {
          // Only now: data that gives nothing is found before anything is written.
          best.require(evaluate(metrics));
        }
        begun = true;
        train(batch, source, metrics);
      }
    }
  }

  private boolean isOver() {
    return step >= totalSteps || !ended.isEmpty();
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
    Map<String, Double> row = trainer.step(batch, rate * schedule.at(step));
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
    hear();
    afterStep(metrics);
  }

  /** Takes what a listener asked for that weighs on the next step. */
  private void hear() {
    rate *= control.takeFactor();
    String reason = control.takeEnd();
    ended = reason.isEmpty() ? ended : reason;
  }

  /** Evaluates, then writes a checkpoint, where they are due and were not done yet. */
  private void afterStep(MetricsFile metrics) throws IOException {
    // The last evaluation of a run that keeps its last model comes when that is safe on disk.
    boolean last = isOver();
    boolean asked = control.takeEvaluate();
    boolean due =
        last ? best.isTracked() && rhythm.evaluatesAtEnd(step) : asked || rhythm.evaluatesAt(step);
    boolean better = false;
    if (due && evaluated != step) {
      better = best.evaluated(step, evaluate(metrics));
      hear();
      String exhausted = best.exhausted();
      ended = ended.isEmpty() && step < totalSteps ? exhausted : ended;
    }
    boolean saves = control.takeSave() || rhythm.savesAt(step) || best.asksToSave(better);
    if (saves || (last && config.get(CourseSettings.SAVE_STRATEGY) != SaveStrategy.NO)) {
      best.saved(step);
    }
    if (saves && step > saved && step < totalSteps) {
      save(metrics, config.get(CourseSettings.SAVE_ONLY_MODEL));
    }
  }

  /** Returns how often the data was gone through: by its examples, or by rows where uncounted. */
  private double epoch() {
    if (length.examplesPerEpoch() > 0) {
      return (double) position.examples() / length.examplesPerEpoch();
    }
    long rows = length.rowsPerEpoch();
    return position.epoch() + (rows == 0 ? 0 : Math.min(1, (double) position.rows() / rows));
  }

  /** Evaluates what there is to evaluate on, and returns what that gave. */
  private Map<String, Double> evaluate(MetricsFile metrics) throws IOException {
    Map<String, Double> row = evaluations.run();
    if (!row.isEmpty()) {
      row.put("epoch", epoch());
      row.put("step", (double) step);
      evaluated = step;
      metrics.append(row);
      listener.evaluated(step, row);
    }
    return row;
  }

  private void keep(MetricsFile metrics) throws IOException {
    if (step > saved) {
      save(metrics, false);
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
      save(metrics, false);
    } catch (IOException | RuntimeException e) {
      // A card that is gone takes its rows of the optimiser along.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      listener.message(
          "step " + step + " could not be kept (" + reason + "); the last checkpoint stays");
      error.addSuppressed(e);
    }
  }

  private void save(MetricsFile metrics, boolean modelOnly) throws IOException {
    metrics.force();
    TrainState state =
        new TrainState(
            TrainState.VERSION,
            step,
            totalSteps,
            length.examplesPerEpoch(),
            length.rowsPerEpoch(),
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
            pending.stream().map(PendingPair::of).toList(),
            best.course(ended, rate));
    Path written = folder.save(state, to -> models.save(to, modelOnly));
    saved = step;
    folder.thin(config.get(Settings.SAVE_LIMIT), best.kept());
    listener.saved(written);
  }

  /** Writes the model before anything else that can fail. */
  private void finish(MetricsFile metrics) throws IOException {
    metrics.force();
    boolean loaded = loadBest(metrics);
    folder.install(models::finish);
    if (rhythm.evaluatesAtEnd(step) && evaluated != step) {
      evaluate(metrics);
    }
    metrics.force();
    if (best.kept() > 0 && config.get(Settings.SAVE_LIMIT) == 1) {
      folder.keepBest(best.kept());
    }
    List<GenerationSample> generations =
        models.withPolicy(policy -> samples.after(policy, before), List.of());
    boolean reward = !models.replicas().get(0).policy().writesText();
    RunEnd.Ending ending =
        new RunEnd.Ending(step, totalSteps, ended, best.best(), loaded ? best.kept() : step);
    if (models.lead()) {
      new RunEnd(config, folder, position, ending, tokens, seconds(), generations, reward).write();
    }
  }

  /** Puts the best model in the place of the last; returns whether they differ. */
  private boolean loadBest(MetricsFile metrics) throws IOException {
    if (!config.get(CourseSettings.LOAD_BEST)) {
      return false;
    }
    long kept = best.kept();
    BestState known = best.best();
    if (known != null && kept != known.step()) {
      listener.message(
          "the best model, of step "
              + known.step()
              + ", has no checkpoint; output_dir gets that of step "
              + (kept == 0 ? step : kept));
    }
    if (kept == 0 || kept == step) {
      return false;
    }
    Path checkpoint = folder.whole(kept);
    if (step > saved) {
      // What fails from here on can be done again from the last step.
      save(metrics, false);
    }
    models.load(checkpoint);
    return true;
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) / 1e9;
  }
}
