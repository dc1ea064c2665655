package io.dil.train;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.Architectures;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Recompute;
import io.dil.core.model.RewardHead;
import io.dil.core.model.RewardStart;
import io.dil.data.format.JavaExamples;
import io.dil.data.token.ChatOptions;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.LossDescription;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.PairSettings;
import io.dil.train.config.ReferenceSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.Objective;
import io.dil.train.objective.PairWeights;
import io.dil.train.pair.AnswerReward;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.plan.RunPlan;
import io.dil.train.rank.Cluster;
import io.dil.train.rank.RankFailedException;
import io.dil.train.rank.Ranks;
import io.dil.train.rank.Replica;
import io.dil.train.run.RunFolder;
import io.dil.train.track.Trackers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A whole run: from a model folder and a data set to an aligned model folder.
 *
 * <p>It can be stopped or killed at any moment. Started again with the same settings, it goes on
 * from its last checkpoint and ends with the same bits as if nothing had happened.
 *
 * <p>For one thread; only {@link #stop} may be called on any.
 */
public final class TrainingRun {
  // Which defaults it has depends on the device, which is looked for when it runs.
  private TrainingConfig config;
  private long passTokens;
  private @Nullable RunPlan plan; // on a GPU
  private @Nullable AnswerRewards rewards;
  private PreferenceLoss loss;
  private final TrainingListener listener;
  private final Cluster cluster;
  private final Stopping stop;

  /** How a run ended. */
  public enum Outcome {
    /** All steps were taken and the model was written. */
    FINISHED,
    /** It was asked to stop; what was trained is in a checkpoint, to go on from. */
    STOPPED
  }

  /** Makes a run of the loss that the settings name. */
  public TrainingRun(TrainingConfig config) {
    this(config, TrainingListener.NONE);
  }

  /**
   * Makes a run of the loss that the settings name.
   *
   * @param listener hears what the run does, on the thread that trains
   */
  public TrainingRun(TrainingConfig config, TrainingListener listener) {
    this(config, listener, Cluster.alone());
  }

  /**
   * Makes a run that several processes take part in: every one of them makes it and runs it, and
   * each step is divided among them.
   *
   * @param cluster the processes; closed by the caller
   */
  public TrainingRun(TrainingConfig config, TrainingListener listener, Cluster cluster) {
    this.config = Objects.requireNonNull(config, "config");
    this.listener = Objects.requireNonNull(listener, "listener");
    this.cluster = Objects.requireNonNull(cluster, "cluster");
    this.loss = Losses.create(config.get(Settings.LOSS_TYPE), config.lossParameters());
    stop = new Stopping(cluster);
  }

  /**
   * Trains with a loss of the caller's own. A lambda is enough:
   *
   * <pre>{@code
   * new TrainingRun(config)
   *     .withLoss(
   *         PairwiseLoss.ofLogRatios(
   *             Reduction.MEAN, (chosen, rejected) -> rejected.mul(2).exp().div(2).sub(chosen.exp())),
   *         LossDescription.of("my-lsif", "e^{2 r_l} / 2 - e^{r_w}"))
   *     .run();
   * }</pre>
   *
   * @param description what the model's card, manifest and report say of the loss
   * @return this run
   * @throws InputException if the settings name a loss too, or ask for a reference that the loss
   *     does not need
   */
  public TrainingRun withLoss(PreferenceLoss own, LossDescription description) {
    Objects.requireNonNull(own, "loss");
    TrainingConfig described = config.withLoss(Objects.requireNonNull(description, "description"));
    for (Setting<?> setting : List.of(Settings.REF_MODEL, Settings.PRECOMPUTE_REFERENCE)) {
      if (!own.needsReference() && described.has(setting)) {
        throw new InputException(setting.name() + " would be ignored: the loss needs no reference");
      }
    }
    if (own.takesRewards()) {
      described.requireNoText();
    }
    if (described.get(OnPolicySettings.ON_POLICY)
        && (own.takesRewards() || !Objective.of(own).takesPairs())) {
      throw new InputException(
          "on_policy makes preference pairs of a policy's answers, which the loss does not take");
    }
    config = described;
    loss = own;
    return this;
  }

  /**
   * Gives an on-policy run its reward, in place of a reward model that the settings name. It is
   * enough to give a lambda:
   *
   * <pre>{@code
   * new TrainingRun(config)
   *     .withReward((prompt, answer) -> -answer.length())
   *     .run();
   * }</pre>
   *
   * <p>A rule is code, whose text a checkpoint does not have: a run that goes on must be given the
   * same.
   *
   * @return this run
   * @throws InputException if the settings do not ask for an on-policy run, or name a reward model
   */
  public TrainingRun withReward(AnswerReward rule) {
    Objects.requireNonNull(rule, "rule");
    if (!config.get(OnPolicySettings.ON_POLICY)) {
      throw new InputException("the reward would be ignored: on_policy is not set");
    }
    if (config.has(OnPolicySettings.REWARD)) {
      throw new InputException("on_policy_reward would be ignored: the run has a rule of its own");
    }
    rewards = AnswerRewards.of(rule);
    return this;
  }

  /**
   * Asks the run to end after the step that it is in, or within the counting, scoring, evaluation
   * or generation that goes on, to write a checkpoint and to return. May be called on any thread.
   */
  public void stop() {
    stop.ask();
  }

  /**
   * Runs to the end, or until it is stopped.
   *
   * @return how it ended, and the numbers of its last step and evaluation
   * @throws InputException if settings, model or data are wrong
   * @throws TrainingException if a number is not finite, the disk is full, or a device fails or has
   *     no memory left
   */
  public RunResult run() {
    config.data().forEach((name, examples) -> JavaExamples.put(name, examples::iterator));
    try {
      return RunResult.of(steps(), Path.of(config.get(Settings.OUTPUT_DIR)));
    } finally {
      config.data().keySet().forEach(JavaExamples::remove);
    }
  }

  private Outcome steps() {
    Prepared prepared = cluster.agree(this::prepare);
    passTokens = cluster.least(passTokens);
    cluster.requireSame(prepared.parts(config, cluster));
    prepared.data().divide(cluster);
    Path output = prepared.output();
    try (RewardSource rewarding = rewards(prepared.device());
        RunFolder folder = cluster.agree(() -> prepared.folder(config, cluster));
        Ranks ranks = prepared.ranks(cluster)) {
      return train(prepared, rewarding, folder, start(folder, prepared.identity()), ranks);
    } catch (RankFailedException e) {
      throw DeviceFailure.of(e.where(), e, advice());
    } catch (EngineException e) {
      // On the caller's thread, where the first device alone computes.
      throw DeviceFailure.of("the first device", e, advice());
    } catch (Stopping.Stopped e) {
      // Before the first step, where nothing was trained yet.
      return Outcome.STOPPED;
    } catch (IOException e) {
      throw new TrainingException(
          output
              + ": cannot be written ("
              + e.getMessage()
              + "); the last whole checkpoint in it is kept, and the same command goes on from it",
          e);
    }
  }

  /** Looks at all that can be wrong before anything is opened that must be closed. */
  private Prepared prepare() {
    Path source = Models.folder(config.get(Settings.MODEL));
    StoredModel model = StoredModel.open(source, config.get(Settings.TRUST_TORCHSCRIPT));
    if (loss.takesRewards()) {
      model.requireFamily("loss_type " + config.loss().name());
    } else {
      model.requireText();
    }
    Path output = OutputPlace.check(config, source);
    model.warnings().forEach(text -> listener.message("WARNING: " + text));
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(
            source,
            new Truncation(config.get(Settings.MAX_LENGTH), config.maxPromptLength()),
            new ChatOptions(
                ChatTemplateFile.of(config),
                new ObjectMapper().valueToTree(config.get(ChatSettings.CHAT_TEMPLATE_KWARGS)),
                config.get(ChatSettings.ASSISTANT_ONLY_LOSS)));
    List<Device> devices = Devices.of(config, cluster.launch());
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
    if (devices.size() > 1) {
      for (Setting<Boolean> alone : List.of(OnPolicySettings.ON_POLICY, ReferenceSettings.SYNC)) {
        if (config.get(alone)) {
          throw new InputException(
              alone.name() + " takes one device, got " + devices.size() + "; remove devices");
        }
      }
    }
    objective();
    Prepared.requireFamily(config, model);
    plan(model, devices);
    RunData data = new RunData(config, tokenizer, stop, loss.takesRewards());
    RunIdentity identity =
        new RunIdentity(
            RunInputs.of(config, model, data),
            RunEnvironment.of(devices),
            LossProbe.of(loss),
            model.context());
    return new Prepared(model, output, tokenizer, devices, data, identity);
  }

  /** Looks for a checkpoint: one process does, and the others go on from the one it found. */
  private RunStart start(RunFolder folder, RunIdentity identity) {
    RunStart found =
        cluster.agree(
            () -> {
              try {
                return cluster.leads()
                    ? RunStart.of(folder, config, identity, listener)
                    : RunStart.FRESH;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    if (!cluster.isShared()) {
      return found;
    }
    String name = cluster.ofLeader(found.name());
    return cluster.agree(() -> cluster.leads() ? found : RunStart.at(folder, name));
  }

  private Outcome train(
      Prepared prepared,
      @Nullable RewardSource rewarding,
      RunFolder folder,
      RunStart start,
      Ranks ranks)
      throws IOException {
    ExampleTokenizer tokenizer = prepared.tokenizer();
    try (Trackers trackers = Trackers.of(config, folder, listener, cluster.leads());
        RankModels models =
            RankModels.open(
                config,
                loss,
                loss.takesRewards()
                    ? new RewardStart(tokenizer.padId(), config.get(Settings.SEED))
                    : null,
                prepared.model(),
                start.checkpoint(),
                ranks,
                this::compute)) {
      // The reference first: where its scores are cached, it has left memory when the policy
      // comes.
      models.openReferences(folder, listener, prepared.data());
      models.openPolicies();
      tokenizer.checkFits(models.replicas().get(0).policy().vocabSize());
      Outcome outcome =
          new TrainingLoop(
                  config,
                  trackers,
                  prepared.identity(),
                  stop,
                  folder,
                  models,
                  prepared.data(),
                  tokenizer,
                  trainer(ranks, models.replicas()),
                  rewarding == null ? null : rewarding.rewards(),
                  start.state())
              .run();
      trackers.ended(outcome);
      return outcome;
    }
  }

  private @Nullable RewardSource rewards(Device device) {
    return config.get(OnPolicySettings.ON_POLICY)
        ? RewardSource.open(config, rewards, device)
        : null;
  }

  private Objective objective() {
    return Objective.of(
        loss,
        new PairWeights(config.get(PairSettings.LD_ALPHA), config.get(PairSettings.WEIGHTING)));
  }

  private Trainer trainer(Ranks ranks, List<Replica> replicas) {
    return new Trainer(
        ranks,
        replicas,
        objective(),
        new Trainer.Options(
            new PassSize(config.get(Settings.BATCH_SIZE), passTokens),
            config.get(OptimSettings.MAX_GRAD_NORM),
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
    RunPlan made = RunPlan.of(config, spec(folder), devices, loss.needsReference()).require();
    made.lines(RunPlan.TERAFLOPS).forEach(listener::message);
    passTokens = made.memory().passTokens();
    plan = made;
  }

  /** Returns what to change in a run that has begun, where a device's memory ran out. */
  private List<String> advice() {
    return plan == null ? RunPlan.adviceInRun(passTokens) : plan.adviceInRun();
  }

  private Recompute recompute() {
    if (plan == null) {
      return config.get(DeviceSettings.CHECKPOINTING);
    }
    return plan.memory().recompute() ? Recompute.ALWAYS : Recompute.NEVER;
  }

  private ModelSpec spec(ModelFolder folder) {
    return loss.takesRewards()
        ? Architectures.reward(folder, RewardHead.NONE)
        : Architectures.read(folder);
  }

  private ComputeOptions compute(Device device) {
    return ComputeOptions.on(device)
        .withSharing(config.get(Settings.SHARE_PROMPTS))
        .withRecompute(recompute())
        .withStatistics(config.get(CourseSettings.TOKEN_METRICS));
  }
}
