package io.dil.train;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.Architectures;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Recompute;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.Objective;
import io.dil.train.plan.RunPlan;
import io.dil.train.rank.Ranks;
import io.dil.train.rank.Replica;
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
  private long passTokens;
  private @Nullable Recompute recompute;
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
    List<Device> devices = Devices.of(config.get(Settings.DEVICES), config.get(Settings.DEVICE));
    config = config.on(devices.get(0).isGpu() && !model.isTraced());
    int examples = config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION);
    if (devices.size() > examples) {
      throw new InputException(
          "devices must be at most the "
              + examples
              + " examples of a step (per_device_train_batch_size * gradient_accumulation_steps),"
              + " got "
              + devices.size());
    }
    plan(model, devices);
    RunFolder folder = RunFolder.open(output, config.get(Settings.OVERWRITE));
    try (Ranks ranks = Ranks.start(devices)) {
      Optional<Path> checkpoint = folder.latest();
      @Nullable TrainState resumed =
          checkpoint.map(RunFolder::state).map(this::compatible).orElse(null);
      try (RankModels models =
          RankModels.open(config, loss, model, checkpoint.orElse(null), ranks, this::compute)) {
        // The reference first: where its scores are cached, it has left memory when the policy
        // comes.
        models.openReferences(folder, listener, tokenizer);
        models.openPolicies();
        tokenizer.checkFits(models.replicas().get(0).policy().vocabSize());
        return new TrainingLoop(
                config,
                listener,
                stop::get,
                folder,
                models,
                tokenizer,
                trainer(ranks, models.replicas()),
                resumed)
            .run();
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

  private Trainer trainer(Ranks ranks, List<Replica> replicas) {
    return new Trainer(
        ranks,
        replicas,
        Objective.of(loss),
        new Trainer.Options(
            new PassSize(config.get(Settings.BATCH_SIZE), passTokens),
            config.get(Settings.MAX_GRAD_NORM),
            compute(ranks.device(0)),
            config.get(Settings.SEED)));
  }

  /** Decides, once for the whole run, how much is computed at once and what is kept for it. */
  private void plan(StoredModel model, List<Device> devices) {
    boolean gpu = devices.get(0).isGpu();
    passTokens = RunPlan.passTokens(config, gpu);
    ModelFolder folder = model.safetensors();
    if (folder == null || !gpu) {
      return;
    }
    RunPlan plan =
        RunPlan.of(config, Architectures.read(folder), devices, loss.needsReference()).require();
    plan.lines(RunPlan.TERAFLOPS).forEach(listener::message);
    passTokens = plan.memory().passTokens();
    recompute = plan.memory().recompute() ? Recompute.ALWAYS : Recompute.NEVER;
  }

  private ComputeOptions compute(Device device) {
    return ComputeOptions.on(device)
        .withSharing(config.get(Settings.SHARE_PROMPTS))
        .withRecompute(recompute == null ? config.get(Settings.CHECKPOINTING) : recompute);
  }
}
