package io.dil.train;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.optim.Schedule;
import io.dil.train.reference.CachedReference;
import io.dil.train.reference.ReferenceScores;
import io.dil.train.reference.ScoreFile;
import io.dil.train.report.GenerationSample;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.OptimizerFile;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A whole run: from a model folder and a data set to an aligned model folder.
 *
 * <p>It can be stopped or killed at any moment. Started again with the same settings, it goes on
 * from its last checkpoint and ends with the same bits as if nothing had happened.
 */
public final class TrainingRun {
  private final TrainingConfig config;
  private final PreferenceLoss loss;
  private final TrainingListener listener;
  private final AtomicBoolean stop = new AtomicBoolean();

  /** How a run ended. */
  public enum Outcome {
    /** All steps were taken and the model was written. */
    FINISHED,
    /** It was asked to stop, and wrote a checkpoint to go on from. */
    STOPPED
  }

  /** Makes a run of the loss that the settings name. */
  public TrainingRun(TrainingConfig config, TrainingListener listener) {
    this(config, Losses.create(config.get(Settings.LOSS_TYPE), config.lossParameters()), listener);
  }

  /** Makes a run of a loss of the caller's own; {@code loss_type} is then not read. */
  public TrainingRun(TrainingConfig config, PreferenceLoss loss, TrainingListener listener) {
    this.config = config;
    this.loss = loss;
    this.listener = listener;
  }

  /** Asks the run to write a checkpoint behind the step that it is in, and to return. */
  public void stop() {
    stop.set(true);
  }

  /**
   * Runs to the end, or until it is stopped.
   *
   * @throws InputException if settings, model or data are wrong
   * @throws TrainingException if a number is not finite, or the disk is full
   */
  public Outcome run() {
    Path source = Models.folder(config.get(Settings.MODEL));
    StoredModel model = StoredModel.open(source, config.get(Settings.TRUST_TORCHSCRIPT));
    Path output = Path.of(config.get(Settings.OUTPUT_DIR));
    for (Setting<String> input : List.of(Settings.MODEL, Settings.REF_MODEL, Settings.ADAPTER)) {
      Path read = Path.of(config.get(input)).toAbsolutePath().normalize();
      boolean set = !config.get(input).isEmpty();
      if (set && output.toAbsolutePath().normalize().equals(read)) {
        throw new InputException("output_dir must differ from " + input.name() + ", got " + output);
      }
    }
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(
            source,
            new Truncation(config.get(Settings.MAX_LENGTH), config.maxPromptLength()),
            ChatTemplateFile.read(Path.of(config.get(Settings.CHAT_TEMPLATE))));
    Device device = Devices.of(config.get(Settings.DEVICE));
    RunFolder folder = RunFolder.open(output, config.get(Settings.OVERWRITE));
    try {
      Optional<Path> checkpoint = folder.latest();
      @Nullable TrainState resumed =
          checkpoint.map(RunFolder::state).map(this::compatible).orElse(null);
      // The reference first: where its scores are cached, it has left memory when the policy comes.
      try (RunModels models =
              RunModels.of(config, model, checkpoint.orElse(null), device, compute());
          ReferenceScores reference = reference(folder, models, tokenizer)) {
        CausalLm policy = models.policy();
        tokenizer.checkFits(policy.vocabSize());
        try (AdamW optimizer = optimizer(policy)) {
          if (checkpoint.isPresent()) {
            OptimizerFile.read(
                checkpoint.get(),
                optimizer,
                policy.parameters(),
                policy.kernels(),
                policy.manager());
          }
          return new Loop(folder, models, tokenizer, reference, optimizer, resumed).run();
        }
      }
    } catch (IOException e) {
      throw new TrainingException(
          folder.path()
              + ": cannot be written ("
              + e.getMessage()
              + "); the last whole checkpoint in it is kept, and the same command goes on from it",
          e);
    }
  }

  private TrainState compatible(TrainState state) {
    Map<String, String> now = config.shaping();
    state
        .settings()
        .forEach(
            (key, value) -> {
              String current = now.getOrDefault(key, "nothing");
              if (!current.equals(value)) {
                throw new InputException(
                    "cannot go on from the checkpoint in output_dir: "
                        + key
                        + " was "
                        + value
                        + " and is "
                        + current
                        + "; restore it or set overwrite_output_dir=true");
              }
            });
    return state;
  }

  private @Nullable ReferenceScores reference(
      RunFolder folder, RunModels models, ExampleTokenizer tokenizer) throws IOException {
    if (!loss.needsReference()) {
      return null;
    }
    if (!config.get(Settings.PRECOMPUTE_REFERENCE)) {
      return models.reference();
    }
    String cache = config.get(Settings.REFERENCE_CACHE);
    ScoreFile file =
        ScoreFile.open(
            cache.isEmpty() ? folder.path().resolve("reference") : Path.of(cache),
            ScoreFile.fingerprint(models.referenceFiles(), RunModels.precision(config).name()));
    listener.message("scoring the reference; " + file.size() + " responses are known already");
    CachedReference reference = new CachedReference(file, models::reference);
    Objective objective = Objective.of(loss);
    new RunData(config, tokenizer)
        .scored(batch -> reference.scores(batch.stream().map(objective::group).toList()));
    reference.release();
    return reference;
  }

  private AdamW optimizer(CausalLm policy) {
    return new AdamW(
        policy.parameters(),
        policy.manager(),
        policy.kernels(),
        new AdamW.Options(
            config.get(Settings.ADAM_BETA1),
            config.get(Settings.ADAM_BETA2),
            config.get(Settings.ADAM_EPSILON),
            config.get(Settings.WEIGHT_DECAY)));
  }

  private ComputeOptions compute() {
    return ComputeOptions.DEFAULT
        .withSharing(config.get(Settings.SHARE_PROMPTS))
        .withRecompute(config.get(Settings.CHECKPOINTING));
  }

  /** The loop, in the order in which it runs. */
  private final class Loop {
    private final RunFolder folder;
    private final RunModels models;
    private final RunData data;
    private final Trainer trainer;
    private final AdamW optimizer;
    private final Samples samples;
    private final boolean fresh;
    private final int batchSize =
        config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION);
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

    Loop(
        RunFolder folder,
        RunModels models,
        ExampleTokenizer tokenizer,
        @Nullable ReferenceScores reference,
        AdamW optimizer,
        @Nullable TrainState resumed) {
      this.folder = folder;
      this.models = models;
      this.optimizer = optimizer;
      data = new RunData(config, tokenizer);
      samples = new Samples(config, data, tokenizer, models.policy());
      trainer =
          new Trainer(
              models.policy(),
              reference,
              Objective.of(loss),
              optimizer,
              new Trainer.Options(
                  passSize(),
                  config.get(Settings.MAX_GRAD_NORM),
                  compute(),
                  config.get(Settings.SEED)));
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
              warmup > 0
                  ? warmup
                  : (long) Math.ceil(totalSteps * config.get(Settings.WARMUP_RATIO)),
              totalSteps);
    }

    private PassSize passSize() {
      int tokens = config.get(Settings.PASS_TOKENS);
      boolean gpu = models.policy().manager().getDevice().isGpu();
      return new PassSize(
          config.get(Settings.BATCH_SIZE), tokens > 0 ? tokens : PassSize.enough(gpu));
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

    Outcome run() throws IOException {
      try (MetricsFile metrics = MetricsFile.open(folder.metrics(), metricsBytes)) {
        listener.started(step, totalSteps);
        if (fresh) {
          evaluate(metrics);
        }
        ExampleStream stream = data.train(position);
        try {
          while (step < totalSteps && !stop.get()) {
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
          return Outcome.STOPPED;
        }
        finish(metrics);
        return Outcome.FINISHED;
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
                OptimizerFile.write(path, optimizer, models.policy().parameters());
              }));
    }

    private void finish(MetricsFile metrics) throws IOException {
      evaluate(metrics);
      metrics.force();
      List<GenerationSample> generations = samples.after(before);
      models.finish(folder.path());
      new RunEnd(config, folder, position, totalSteps, tokens, seconds(), generations).write();
    }

    private double seconds() {
      return secondsBefore + (System.nanoTime() - started) / 1e9;
    }
  }
}
