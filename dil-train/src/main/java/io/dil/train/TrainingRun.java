package io.dil.train;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.data.token.ChatOptions;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.CachedReference;
import io.dil.train.reference.ReferenceScores;
import io.dil.train.reference.ScoreFile;
import io.dil.train.run.OptimizerFile;
import io.dil.train.run.RunFolder;
import io.dil.train.run.TrainState;
import java.io.IOException;
import java.nio.file.Path;
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
  // Which defaults it has depends on the device, which is looked for when it runs.
  private TrainingConfig config;
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
            new ChatOptions(
                ChatTemplateFile.read(Path.of(config.get(Settings.CHAT_TEMPLATE))),
                new ObjectMapper().valueToTree(config.get(ChatSettings.CHAT_TEMPLATE_KWARGS)),
                config.get(ChatSettings.ASSISTANT_ONLY_LOSS)));
    Device device = Devices.of(config.get(Settings.DEVICE));
    if (device.isGpu() && !model.isTraced()) {
      config = config.onGpu();
    }
    RunFolder folder = RunFolder.open(output, config.get(Settings.OVERWRITE));
    try {
      Optional<Path> checkpoint = folder.latest();
      @Nullable TrainState resumed =
          checkpoint.map(RunFolder::state).map(this::compatible).orElse(null);
      // The reference first: where its scores are cached, it has left memory when the policy comes.
      try (RunModels models =
              RunModels.of(config, model, checkpoint.orElse(null), device, compute(device));
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
          return new TrainingLoop(
                  config,
                  listener,
                  stop::get,
                  folder,
                  models,
                  tokenizer,
                  trainer(models, reference, optimizer),
                  optimizer,
                  resumed)
              .run();
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

  private Trainer trainer(RunModels models, @Nullable ReferenceScores reference, AdamW optimizer) {
    int tokens = config.get(Settings.PASS_TOKENS);
    Device device = models.policy().manager().getDevice();
    return new Trainer(
        models.policy(),
        reference,
        Objective.of(loss),
        optimizer,
        new Trainer.Options(
            new PassSize(
                config.get(Settings.BATCH_SIZE), tokens > 0 ? tokens : PassSize.enough(device)),
            config.get(Settings.MAX_GRAD_NORM),
            compute(device),
            config.get(Settings.SEED)));
  }

  private ComputeOptions compute(Device device) {
    return ComputeOptions.on(device)
        .withSharing(config.get(Settings.SHARE_PROMPTS))
        .withRecompute(config.get(Settings.CHECKPOINTING));
  }
}
