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
import io.dil.data.token.ChatOptions;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.losses.LossDescription;
import io.dil.losses.Losses;
import io.dil.losses.PreferenceLoss;
import io.dil.train.config.ChatSettings;
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
import io.dil.train.rank.RankFailedException;
import io.dil.train.rank.Ranks;
import io.dil.train.rank.Replica;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
  // On a GPU.
  private @Nullable RunPlan plan;
  private @Nullable AnswerRewards rewards;
  private final PreferenceLoss loss;
  private final TrainingListener listener;
  private final Stopping stop = new Stopping();

  /** How a run ended. */
  public enum Outcome {
    /** All steps were taken and the model was written. */
    FINISHED,
    /** It was asked to stop; what was trained is in a checkpoint, to go on from. */
    STOPPED
  }

  /** Makes a run of the loss that the settings name. */
  public TrainingRun(TrainingConfig config, TrainingListener listener) {
    this.config = config;
    this.loss = Losses.create(config.get(Settings.LOSS_TYPE), config.lossParameters());
    this.listener = listener;
  }

  /**
   * Makes a run of a loss of the caller's own, which its records call {@value
   * LossDescription#UNNAMED}.
   *
   * @throws InputException if the settings name a loss too
   */
  public TrainingRun(TrainingConfig config, PreferenceLoss loss, TrainingListener listener) {
    this(config, loss, LossDescription.unnamed(), listener);
  }

  /**
   * Makes a run of a loss of the caller's own.
   *
   * @param description what the model's card, manifest and report say of the loss
   * @throws InputException if the settings name a loss too, or ask for a reference that the loss
   *     does not need
   */
  public TrainingRun(
      TrainingConfig config,
      PreferenceLoss loss,
      LossDescription description,
      TrainingListener listener) {
    this.config = config.withLoss(description);
    this.loss = loss;
    this.listener = listener;
    for (Setting<?> setting : List.of(Settings.REF_MODEL, Settings.PRECOMPUTE_REFERENCE)) {
      if (!loss.needsReference() && config.has(setting)) {
        throw new InputException(setting.name() + " would be ignored: the loss needs no reference");
      }
    }
    if (loss.takesRewards()) {
      config.requireNoText();
    }
    if (config.get(OnPolicySettings.ON_POLICY)
        && (loss.takesRewards() || !Objective.of(loss).takesPairs())) {
      throw new InputException(
          "on_policy makes preference pairs of a policy's answers, which the loss does not take");
    }
  }

  /**
   * Gives an on-policy run its reward, in place of a reward model that the settings name. It is
   * enough to give a lambda:
   *
   * <pre>{@code
   * new TrainingRun(config, TrainingListener.NONE)
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
   * @throws InputException if settings, model or data are wrong
   * @throws TrainingException if a number is not finite, the disk is full, or a device fails or has
   *     no memory left
   */
  public Outcome run() {
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
    List<Device> devices =
        Devices.of(config.get(DeviceSettings.DEVICES), config.get(DeviceSettings.DEVICE));
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
    for (Setting<?> ofFamilies :
        List.of(ReferenceSettings.SYNC, PairSettings.LD_ALPHA, PairSettings.WEIGHTING)) {
      if (!config.get(ofFamilies).equals(ofFamilies.fallback())) {
        model.requireFamily(ofFamilies.name());
      }
    }
    plan(model, devices);
    RunData data = new RunData(config, tokenizer, stop, loss.takesRewards());
    TrainingLoop.Identity identity =
        new TrainingLoop.Identity(
            RunInputs.of(config, model, data),
            RunEnvironment.of(devices),
            LossProbe.of(loss),
            model.context());
    try (RewardSource rewarding = rewards(devices.get(0));
        RunFolder folder = RunFolder.open(output, config.get(Settings.OVERWRITE));
        Ranks ranks = Ranks.start(devices)) {
      RunStart start = RunStart.of(folder, config, identity, listener);
      try (RankModels models =
          RankModels.open(
              config,
              loss,
              loss.takesRewards()
                  ? new RewardStart(tokenizer.padId(), config.get(Settings.SEED))
                  : null,
              model,
              start.checkpoint(),
              ranks,
              this::compute)) {
        // The reference first: where its scores are cached, it has left memory when the policy
        // comes.
        models.openReferences(folder, listener, data);
        models.openPolicies();
        tokenizer.checkFits(models.replicas().get(0).policy().vocabSize());
        return new TrainingLoop(
                config,
                listener,
                identity,
                stop,
                folder,
                models,
                data,
                tokenizer,
                trainer(ranks, models.replicas()),
                rewarding == null ? null : rewarding.rewards(),
                start.state())
            .run();
      }
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
        .withRecompute(recompute());
  }
}
